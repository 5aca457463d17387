"""Exchanges for coroutines: reading the request's content and writing an answer, with waiting in between."""

import asyncio
from typing import Final

from webserver.edge.exchange import Exchange
from webserver.edge.refusal import ClientGone, Refused

MOST_KEPT: Final = 256 * 1024
"""Bytes that were received and not read, before the client is held back."""


class AwaitableExchange:
    """The owner of an exchange on behalf of a coroutine."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._pieces: list[bytes] = []
        self._kept = 0
        self._complete = False
        self._gone = False
        self._slow = False
        self._waiter: asyncio.Future[None] | None = None
        exchange.owner = self
        self._begun = False

    async def read(self) -> bytes:
        """The next piece of the request's content; nothing at its end. Raises ClientGone."""
        if not self._begun:
            self._begun = True
            self.exchange.receive_body(self)
        while not self._pieces and not self._complete:
            await self._change()
        if not self._pieces:
            return b""
        piece = self._pieces.pop(0)
        self._kept -= len(piece)
        if self._kept <= MOST_KEPT // 2:
            self.exchange.resume_reading()
        return piece

    async def read_all(self, limit: int) -> bytes:
        """The whole content. Raises ClientGone, and Refused when it is longer than `limit` bytes."""
        whole = b""
        while piece := await self.read():
            whole += piece
            if len(whole) > limit:
                raise Refused(413, f"More than {limit} bytes are not taken here.")
        return whole

    async def write(self, data: bytes) -> None:
        """Send a piece of the answer, begun with `Exchange.start`. Raises ClientGone."""
        while self._slow and not self._gone:
            await self._change()
        if self._gone:
            raise ClientGone
        self.exchange.write(data)

    async def _change(self) -> None:
        if self._gone:
            raise ClientGone
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter
        if self._gone:
            raise ClientGone

    def _has_changed(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # As owner

    def body_received(self, data: bytes) -> None:
        """See Owner."""
        self._pieces.append(data)
        self._kept += len(data)
        if self._kept > MOST_KEPT:
            self.exchange.pause_reading()
        self._has_changed()

    def body_ended(self) -> None:
        """See Owner."""
        self._complete = True
        self._has_changed()

    def pause_writing(self) -> None:
        """See Owner."""
        self._slow = True

    def resume_writing(self) -> None:
        """See Owner."""
        self._slow = False
        self._has_changed()

    def client_gone(self) -> None:
        """See Owner."""
        self._gone = True
        self._has_changed()
