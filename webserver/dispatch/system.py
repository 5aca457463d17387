"""What answers at the paths that belong to the system: challenges, policies, set-up of mail programs.

Which paths these are at which hosts is in webserver.routing.system, for `explain` too. Whoever answers at
one of them registers a coroutine function before the edge starts:

    async def policy(request: SystemRequest) -> SystemAnswer | None: ...

    system.register(SystemEndpoint.MTA_STS, policy)
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from webserver.edge.exchange import Exchange
from webserver.edge.refusal import ClientGone, Refused
from webserver.edge.waiting import AwaitableExchange
from webserver.routing.request import Request
from webserver.routing.system import SystemEndpoint
from webserver.routing.values import WebSnapshot

log = logging.getLogger(__name__)

MOST_CONTENT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class SystemRequest:
    """A request for one of the system's paths. `content` is what the client sent, 64 KiB at most."""

    request: Request
    web: WebSnapshot
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class SystemAnswer:
    """What is answered. `headers` are names and values beside Content-Type and Content-Length."""

    content: bytes
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


SystemHandler = Callable[[SystemRequest], Awaitable[SystemAnswer | None]]
"""Runs on the event loop and must not block it: it reads the database through mail.store.readers.

None means that there is nothing at this path: 404.
"""


class SystemHandlers:
    """The handlers by what they answer. Where none is registered, the pages process is asked."""

    def __init__(self) -> None:
        self._handlers: dict[SystemEndpoint, SystemHandler] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def register(self, endpoint: SystemEndpoint, handler: SystemHandler) -> None:
        """Let `handler` answer."""
        self._handlers[endpoint] = handler

    def __contains__(self, endpoint: SystemEndpoint) -> bool:
        return endpoint in self._handlers

    def answer(
        self,
        endpoint: SystemEndpoint,
        exchange: Exchange,
        web: WebSnapshot,
    ) -> None:
        """Answer the exchange."""
        task = asyncio.get_running_loop().create_task(self._answer(endpoint, exchange, web))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(
        self,
        endpoint: SystemEndpoint,
        exchange: Exchange,
        web: WebSnapshot,
    ) -> None:
        handler = self._handlers[endpoint]
        try:
            content = await AwaitableExchange(exchange).read_all(MOST_CONTENT)
            answer = await handler(SystemRequest(exchange.request, web, content))
            if exchange.ended:
                return
            if answer is None:
                exchange.refuse(404, "There is nothing here.")
            else:
                fields = [
                    (name.encode("ascii"), value.encode("latin-1"))
                    for name, value in (("Content-Type", answer.content_type), *answer.headers)
                ]
                exchange.respond(answer.status, fields, answer.content)
        except ClientGone:
            pass
        except Refused as refused:
            if not exchange.ended:
                exchange.refuse(refused.status, refused.reason)
        except Exception:
            exchange.failed()


_registered: Final = SystemHandlers()


def system_handlers() -> SystemHandlers:
    """Those of this process."""
    return _registered
