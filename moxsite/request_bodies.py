"""daphne that hands an application the body of a request as it takes it.

Twisted keeps a large body in a file. Left alone, it reads the form in it for nobody's use, and daphne reads
all of it into the application's queue: an upload would be in memory whole, and several times over.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from io import BytesIO
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest

PIECE = 256 * 1024
_BODY = "moxsite.body"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[MutableMapping[str, Any], Receive, Any], Awaitable[None]]


class _Factory(HTTPFactory):  # type: ignore[misc]  # daphne has no types
    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = partial(WebRequest, parsePOSTFormSubmission=False)
        return protocol


class ReadsAsTaken:
    """Put before daphne's Server, whose application is to be wrapped by `with_bodies`."""

    @property
    def http_factory(self) -> Any:
        """What makes the protocol of a new connection."""
        return self._factory

    @http_factory.setter
    def http_factory(self, made: Any) -> None:
        # daphne's own run() makes one and has no other place to say which.
        self._factory = _Factory(self)

    def create_application(self, protocol: Any, scope: MutableMapping[str, Any]) -> Any:
        """Called by daphne when a request has come as a whole."""
        if isinstance(protocol, WebRequest):
            # Of what is left daphne makes one message: that nothing comes any more.
            scope[_BODY], protocol.content = protocol.content, BytesIO()
        return super().create_application(protocol, scope)  # type: ignore[misc]  # daphne's


def with_bodies(application: Application) -> Application:
    """The application, which gets its bodies piece by piece."""

    async def reading(scope: MutableMapping[str, Any], receive: Receive, send: Any) -> None:
        body = scope.pop(_BODY, None)
        if body is None:
            await application(scope, receive, send)
            return
        with body:
            await application(scope, _Body(body, receive).receive, send)

    return reading


class _Body:
    def __init__(self, file: Any, receive: Receive) -> None:
        self._file = file
        self._receive = receive
        self._is_read = False

    async def receive(self) -> Message:
        if self._is_read:
            message = await self._receive()
            return await self._receive() if message["type"] == "http.request" else message
        if isinstance(self._file, BytesIO):
            piece = self._file.read(PIECE)
        else:
            piece = await asyncio.to_thread(self._file.read, PIECE)
        self._is_read = len(piece) < PIECE
        return {"type": "http.request", "body": piece, "more_body": not self._is_read}
