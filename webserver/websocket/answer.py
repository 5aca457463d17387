"""The backend's answer to a handshake, as it arrives."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import httptools

from webserver.websocket.handshake import by_name, tokens
from webserver.websocket.tunnel import Stream, as_stream

MAX_HEAD: Final = 64 * 1024
"""Bytes of a response's head that are taken."""

_MOST_PENDING: Final = 128 * 1024
"""Bytes of a refusal's body that wait for a slow client before the backend is asked to wait too."""


class BadAnswer(Exception):
    """The backend closed or failed before its answer was whole, or it is no HTTP. The text is for the log."""


@dataclass(slots=True)
class Head:
    """Status and headers of an answer; the names of headers as they were sent."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


class Answer(asyncio.Protocol):
    """Reads one answer. After a 101 what follows is kept in `early`, and nothing more is read."""

    __slots__ = (
        "_body",
        "_complete",
        "_ended",
        "_error",
        "_head",
        "_is_switched",
        "_loop",
        "_parser",
        "_pending",
        "_size",
        "_waiter",
        "early",
        "is_lost",
        "stream",
    )

    stream: Stream

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.early = b""
        self.is_lost = False
        """Whether the connection was lost while this was its protocol."""
        self._head = Head()
        self._complete: asyncio.Future[Head] = loop.create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._size = 0
        self._is_switched = False
        self._body: list[bytes] = []
        self._pending = 0
        self._ended = False
        self._error: BadAnswer | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def head(self, seconds: float) -> Head:
        """Status and headers of the final answer. Raises BadAnswer and TimeoutError."""
        timer = self._loop.call_later(seconds, self._time_is_up)
        try:
            return await self._complete
        finally:
            timer.cancel()

    async def body(self) -> bytes:
        """The next piece of the body, empty at its end. Raises BadAnswer."""
        while not self._body:
            if self._error is not None:
                raise self._error
            if self._ended:
                return b""
            self._waiter = self._loop.create_future()
            await self._waiter
        piece = b"".join(self._body)
        self._body.clear()
        self._pending = 0
        if not self.stream.is_closing():
            self.stream.resume_reading()
        return piece

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.stream = as_stream(transport)

    def data_received(self, data: bytes) -> None:
        if self._is_switched:
            self.early += data
            return
        if not self._complete.done():
            self._size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.early = data[upgrade.args[0] :]
            del self._parser  # and what it refers to
        except httptools.HttpParserError as error:
            if not self._is_switched:  # its parser also stops at a 101 that lacks a header
                self._fail(f"no valid HTTP from the backend: {error}")
                return
        if not self._complete.done() and self._size > MAX_HEAD:
            self._fail(f"the head of the backend's answer is longer than {MAX_HEAD} bytes")

    def eof_received(self) -> bool:
        self._end_of_input("the backend closed the connection")
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.is_lost = True
        self._end_of_input(str(error) if error else "the backend closed the connection")

    def on_message_begin(self) -> None:
        self._head = Head()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._head.status = self._parser.get_status_code()
        if self._head.status == 101:
            self._is_switched = True
            self.stream.pause_reading()
        if self._head.status >= 200 or self._is_switched:
            self._set_head()

    def on_body(self, data: bytes) -> None:
        self._body.append(data)
        self._pending += len(data)
        if self._pending > _MOST_PENDING:
            self.stream.pause_reading()
        self._tell()

    def on_message_complete(self) -> None:
        if self._complete.done():
            self._ended = True
            self._tell()

    def _time_is_up(self) -> None:
        if not self._complete.done():
            self._complete.set_exception(TimeoutError())

    def _tell(self) -> None:
        """There is news for who waits in `body`."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _set_head(self) -> None:
        if not self._complete.done():
            self._complete.set_result(self._head)

    def _end_of_input(self, reason: str) -> None:
        if self._ended or self._is_switched:
            return
        if self._complete.done() and not _has_length(self._head):
            self._ended = True
            self._tell()
        else:
            self._fail(reason)

    def _fail(self, reason: str) -> None:
        if self._error is None:
            self._error = BadAnswer(reason)
            if not self._complete.done():
                self._complete.set_exception(self._error)
            self._tell()
            self.stream.abort()


def _has_length(head: Head) -> bool:
    """Whether the body tells where it ends, so that an end of the connection can come too early."""
    named = by_name(head.headers)
    return b"content-length" in named or b"chunked" in tokens(named, b"transfer-encoding")
