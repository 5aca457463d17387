"""One request and its answer, as handlers see them.

A handler that answers at once calls `respond`. One that streams becomes the exchange's `owner`, which hears
of everything by plain calls on the event loop, without a task: what forwarding thousands of requests a second
needs. Coroutines use webserver.edge.waiting, which is such an owner. For all of it: event loop only.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from mail import clock
from mail.log.sessions import new_session_id
from webserver.edge.answers import error_page, frame_chunk, response_head
from webserver.edge.compressing import Compressor
from webserver.edge.field_section import Field
from webserver.edge.head import RequestHead
from webserver.edge.on_the_way import compressed
from webserver.routing.hosts import NO_HOST
from webserver.routing.paths import clean_path
from webserver.routing.request import Request, Scheme

if TYPE_CHECKING:
    from webserver.edge.connection import Connection

log = logging.getLogger(__name__)

NO_REQUEST: Final = Request("", "http", NO_HOST, clean_path("/"))
"""Of an exchange that nobody has looked at yet."""


class Owner(Protocol):
    """Who answers an exchange piece by piece. Nothing is called after `client_gone` or the end."""

    def body_received(self, data: bytes) -> None:
        """A piece of the request's content. `Exchange.pause_reading` holds back more."""

    def body_ended(self) -> None:
        """The request's content is complete."""

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to: wait for `resume_writing`."""

    def resume_writing(self) -> None:
        """The client has read most of it."""

    def client_gone(self) -> None:
        """The connection is lost; nobody reads an answer any more."""


class Observer(Protocol):
    """Who counts and logs."""

    def ended(self, exchange: "Exchange") -> None:
        """The exchange is over, and everything that is to know of it stands in it."""


class Exchange:
    """A request, and the way back to its client."""

    __slots__ = (
        "_chunked",
        "_connection",
        "_id",
        "_left",
        "_silent",
        "bytes_in",
        "bytes_out",
        "client",
        "close_after",
        "compress",
        "compressor",
        "ended",
        "error",
        "forwarded_for",
        "forwarded_host",
        "handler",
        "head",
        "headers_sent",
        "is_websocket",
        "owner",
        "peer",
        "request",
        "scheme",
        "started",
        "status",
        "uncompressed_bytes",
        "websocket_request",
    )

    http_version: ClassVar[str] = ""
    """Such as HTTP/2.0; empty for HTTP/1, whose version the head has."""

    def __init__(self, connection: "Connection", head: RequestHead) -> None:
        self._connection = connection
        self._id = ""
        self._chunked = False
        self._left: int | None = None
        self._silent = False
        self.head = head
        self.owner: Owner | None = None
        self.scheme: Scheme = connection.scheme
        """http or https, as seen by the client: a trusted proxy tells it."""
        self.peer = connection.peer
        """The address at the other end of the connection; empty on a unix socket."""
        self.client = connection.peer
        """The address of the client: the peer's, or what trusted proxies tell."""
        self.forwarded_for = connection.peer_bytes
        """All hops so far, as X-Forwarded-For tells them to the next one."""
        self.forwarded_host = head.host
        """The host that the client asked for, as X-Forwarded-Host tells it."""
        self.request: Request = NO_REQUEST
        """The request as handlers are chosen by it; the dispatcher puts it here."""
        self.close_after = not head.keep_alive
        """Whether the connection closes when the answer is complete."""

        self.compress = False
        """Whether the answer may be compressed; set before the handler is called."""
        self.compressor: Compressor | None = None

        self.handler = ""
        """The name under which it is counted and logged; set before the handler is called."""
        self.status = 0
        self.started = clock.monotonic()
        """When the head was read; this and the following in seconds of `mail.clock.monotonic`."""
        self.headers_sent = 0.0
        """When the head of the answer was written; 0 before."""
        self.ended = 0.0
        self.bytes_in = 0
        """Of content received from the client, or bytes through a tunnel."""
        self.bytes_out = 0
        """Of content sent to the client (as it was sent), or bytes through a tunnel."""
        self.uncompressed_bytes = 0
        """Of content sent to the client, before compression; 0 when it was not compressed."""
        self.error = ""
        """What went wrong, for the log alone."""
        self.websocket_request = False
        self.is_websocket = False
        """Whether the upgrade succeeded."""

    # What is known of the request

    @property
    def id(self) -> str:
        """Ten characters that error pages show and logs have. Made when first asked for."""
        if not self._id:
            self._id = new_session_id()
        return self._id

    @property
    def has_id(self) -> bool:
        """Whether somebody has asked for the id."""
        return bool(self._id)

    @property
    def tls_version(self) -> str:
        """Such as TLSv1.3; empty for a connection in clear text."""
        return self._connection.tls_version

    @property
    def local_port(self) -> int:
        """The port that the client connected to; 0 on a unix socket."""
        return self._connection.local_port

    # The request's content

    @property
    def body_complete(self) -> bool:
        """Whether all of the request's content was received."""
        return self._connection.body_complete

    def receive_body(self, owner: Owner) -> None:
        """Let `owner` have the content from now on; it may come before this returns.

        A client that waits for “100 Continue” is told to go on.
        """
        self.owner = owner
        self._connection.deliver_body()

    def pause_reading(self) -> None:
        """Receive no more of the request's content for now."""
        self._connection.pause_body()

    def resume_reading(self) -> None:
        """Receive it again."""
        self._connection.resume_body()

    # The answer

    def respond(self, status: int, fields: list[Field], body: bytes = b"") -> None:
        """Send a whole answer with its Content-Length. HEAD gets the head alone."""
        if self.compress:
            fields, body = self._packed(status, fields, body)
        length: int | None = len(body)
        if status < 200 or status in (204, 304):
            length, body = None, b""
        elif self.head.method == b"HEAD":
            body = b""
        if self.head.has_body:
            self._consider_closing()
        head = response_head(self, status, fields, length)
        self._sent_head(status)
        self.bytes_out += len(body)
        self._connection.write_answer(head, body)
        self._end()

    def refuse(self, status: int, text: str, fields: list[Field] | None = None) -> None:
        """Send a short page that says what is wrong and shows the id."""
        page_fields, body = error_page(status, text, self.id)
        self.respond(status, [*page_fields, *(fields or [])], body)

    def start(self, status: int, fields: list[Field], length: int | None) -> None:
        """Send the head of an answer. Without `length` the content is chunked, or ends with the connection.

        For HEAD, 204 and 304 no content may follow; `finish` ends the answer all the same.
        """
        self._connection.write(self.start_head(status, fields, length))

    def start_head(self, status: int, fields: list[Field], length: int | None) -> bytes:
        """What `start` sends, for who sends it together with the first content, by `write_raw`."""
        if self.compress:
            fields, self.compressor = compressed(self.head, status, fields, length)
            if self.compressor is not None:
                length = None
        bodyless = self.head.method == b"HEAD" or status in (204, 304)
        self._consider_closing()
        if length is None and not bodyless:
            if self.head.minor_version > 0:
                self._chunked = True
            else:
                self.close_after = True
        self._silent = bodyless
        self._left = 0 if bodyless else length
        head = response_head(self, status, fields, length, chunked=self._chunked)
        self._sent_head(status)
        return head

    def write(self, data: bytes) -> None:
        """Send content. The owner is told to pause when the client does not read it."""
        if data:
            self._connection.write(self.framed(data))

    def framed(self, data: bytes) -> bytes:
        """Content as it goes over the wire, counted; nothing for an answer without content."""
        if self._silent:
            return b""
        if self.compressor is not None:
            self.uncompressed_bytes += len(data)
            data = self.compressor.add(data)
            if not data:
                return b""
        self.bytes_out += len(data)
        if self._chunked:
            return frame_chunk(data)
        if self._left is not None:
            self._left -= len(data)
        return data

    def write_raw(self, data: bytes) -> None:
        """Send bytes that `start_head` and `framed` have made."""
        self._connection.write(data)

    def finish(self) -> None:
        """The answer is complete. One that is shorter than it said ends by closing the connection."""
        if self.compressor is not None and not self._silent:
            last = self.compressor.end()
            self.bytes_out += len(last)
            self._connection.write(frame_chunk(last) if self._chunked and last else last)
        if self._chunked:
            self._connection.write(b"0\r\n\r\n")
        elif self._left:
            self.close_after = True
        self._end()

    def abort(self, error: str) -> None:
        """Cut the connection: the client must see that the answer it has begun to read is not complete."""
        self.error = error
        self._connection.abort_exchange()

    def failed(self) -> None:
        """An exception was caught that nobody foresaw: log it, and answer 500 if it is possible."""
        fields = {"request": self.id, "handler": self.handler}
        log.exception("a request could not be answered", extra={"fields": fields})
        self.owner = None
        if self.ended:
            return
        if self.headers_sent:
            self.abort("internal error")
        else:
            self.error = "internal error"
            self.refuse(500, "This can't be answered because of an error in the server.")

    def interim(self, status: int, fields: list[Field]) -> None:
        """Send an answer that announces another, such as 103 Early Hints; not to HTTP/1.0."""
        if self.head.minor_version > 0:
            self._connection.write(response_head(self, status, fields, None, interim=True))

    @property
    def client_is_slow(self) -> bool:
        """Whether the owner was told to pause, and not yet to resume."""
        return self._connection.writing_paused

    # A connection that becomes a tunnel

    def takeover(self, protocol: asyncio.BaseProtocol) -> tuple[asyncio.Transport, bytes]:
        """Hand the connection over to `protocol`: its transport, and the bytes that came too early.

        Reading is paused; whoever takes over resumes it. The edge forgets the connection: no time-out holds
        for it any more. `protocol.connection_made` is not called. The exchange ends with `end_tunnel`.
        """
        return self._connection.hand_over(protocol)

    def end_tunnel(self, status: int) -> None:
        """Let the exchange be counted and logged; the bytes must have been put in before."""
        self.status = self.status or status
        self._observe()

    # Told by the connection

    def lost(self) -> None:
        """The client is gone."""
        owner, self.owner = self.owner, None
        if owner is not None:
            owner.client_gone()
        self.error = self.error or "the client is gone"
        self._observe()

    def _packed(self, status: int, fields: list[Field], body: bytes) -> tuple[list[Field], bytes]:
        """A whole answer as it goes out: compressed, if it may be and the client takes it."""
        fields, packing = compressed(self.head, status, fields, len(body))
        if packing is not None:
            self.uncompressed_bytes = len(body)
            body = packing.add(body) + packing.end()
        return fields, body

    def _consider_closing(self) -> None:
        connection = self._connection
        if not connection.body_complete and not connection.may_stay_open(self.head):
            self.close_after = True

    def _sent_head(self, status: int) -> None:
        self.status = status
        self.headers_sent = clock.monotonic()

    def _end(self) -> None:
        self.owner = None
        self._observe()
        self._connection.exchange_ended()

    def _observe(self) -> None:
        if not self.ended:
            self.ended = clock.monotonic()
            self._connection.observer.ended(self)
