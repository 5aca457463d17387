"""daphne that sends no faster than the other side reads.

Left alone, it takes all that an application gives and keeps in memory what was not read yet: an export
would be there whole. Here an application that has more to send waits until there is room.
"""

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from daphne.http_protocol import WebRequest
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer  # type: ignore[import-untyped]


@implementer(IPushProducer)
class Gate:
    """Closed by Twisted while more is waiting to be sent than it likes."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's names
        """The buffer is full."""
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        """The buffer is empty again."""
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802
        """The connection has gone: nobody needs to wait."""
        self._open.set()

    async def passed(self) -> None:
        """Wait until there is room."""
        await self._open.wait()


class SendsAsRead:
    """Put before daphne's Server: its replies wait for their readers."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._gates: WeakKeyDictionary[Any, Gate] = WeakKeyDictionary()
        super().__init__(*args, **options)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Called by an application for each message it sends."""
        more = message.get("type") == "http.response.body" and bool(message.get("more_body"))
        is_open = isinstance(protocol, WebRequest) and protocol.channel is not None and not protocol.finished
        if more and is_open and protocol not in self._gates:
            self._gates[protocol] = gate = Gate()
            protocol.registerProducer(gate, True)
        elif not more and is_open and self._gates.pop(protocol, None) is not None:
            protocol.unregisterProducer()
        await super().handle_reply(protocol, message)  # type: ignore[misc]  # daphne's
        if more and (waiting := self._gates.get(protocol)) is not None:
            await waiting.passed()
