"""An exchange whose answer goes out as frames of HTTP/2."""

import asyncio
import re
from typing import TYPE_CHECKING, Final, cast

from hpack import NeverIndexedHeaderTuple

from mail import clock
from webserver.edge.answers import BrokenField, http_date
from webserver.edge.exchange import Exchange
from webserver.edge.field_section import Field
from webserver.edge.head import RequestHead
from webserver.edge.on_the_way import compressed

if TYPE_CHECKING:
    from webserver.edge.connection import Connection
    from webserver.edge.http2.stream import Stream

_NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_BREAKING: Final = re.compile(rb"[\x00\r\n]")
_OF_HTTP_1: Final = frozenset(
    {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"}
)


class Http2Exchange(Exchange):
    """See Exchange. What `start_head` and `framed` send is on its way already: they return nothing."""

    __slots__ = ("_stream",)

    http_version = "HTTP/2.0"

    def __init__(self, stream: "Stream", head: RequestHead) -> None:
        super().__init__(cast("Connection", stream), head)
        self._stream = stream

    def respond(self, status: int, fields: list[Field], body: bytes = b"") -> None:
        """See Exchange."""
        if self.compress:
            fields, body = self._packed(status, fields, body)
        bodyless = status < 200 or status in (204, 304)
        self._stream.send_head(_head(status, fields, None if bodyless else len(body)))
        self._sent_head(status)
        if body and not bodyless and self.head.method != b"HEAD":
            self.bytes_out += len(body)
            self._stream.write(body)
        self._stream.end_answer()
        self._end()

    def start_head(self, status: int, fields: list[Field], length: int | None) -> bytes:
        """See Exchange."""
        if self.compress:
            fields, self.compressor = compressed(self.head, status, fields, length)
            if self.compressor is not None:
                length = None
        self._silent = self.head.method == b"HEAD" or status in (204, 304)
        self._left = 0 if self._silent else length
        self._stream.send_head(_head(status, fields, length))
        self._sent_head(status)
        return b""

    def framed(self, data: bytes) -> bytes:
        """See Exchange."""
        self._stream.write(super().framed(data))
        return b""

    def write(self, data: bytes) -> None:
        """See Exchange."""
        if data:
            self.framed(data)

    def write_raw(self, data: bytes) -> None:
        """See Exchange."""

    def finish(self) -> None:
        """See Exchange. An answer that is shorter than it said ends by a reset."""
        if self.compressor is not None and not self._silent:
            last = self.compressor.end()
            self.bytes_out += len(last)
            self._stream.write(last)
        if self._left:
            self.abort("the answer is shorter than it said")
            return
        self._stream.end_answer()
        self._end()

    def interim(self, status: int, fields: list[Field]) -> None:
        """See Exchange."""
        self._stream.send_interim(_head(status, fields, None, interim=True))

    def takeover(self, protocol: asyncio.BaseProtocol) -> tuple[asyncio.Transport, bytes]:
        """A stream is no connection: nobody gets here, as Upgrade is refused."""
        raise NotImplementedError


def _head(status: int, fields: list[Field], length: int | None, *, interim: bool = False) -> list[Field]:
    """The fields as HTTP/2 has them. Raises BrokenField."""
    made: list[Field] = [(b":status", b"%d" % status)]
    has_date = interim
    for name, value in fields:
        name = name.lower()
        if name in _OF_HTTP_1:
            continue
        if not _NAME.fullmatch(name) or _BREAKING.search(value):
            raise BrokenField
        has_date = has_date or name == b"date"
        # What only one client may know stays out of what is remembered for compressing.
        made.append(NeverIndexedHeaderTuple(name, value) if name == b"set-cookie" else (name, value.strip()))
    if not has_date:
        made.append((b"date", http_date(clock.now() // clock.SECOND)))
    if length is not None:
        made.append((b"content-length", b"%d" % length))
    return made
