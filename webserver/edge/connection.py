"""One connection of a client: its requests, one after the other, and the time they may take."""

import asyncio
from typing import TYPE_CHECKING, Final

from mail.process.deadline import NEVER, Deadline
from webserver.edge.body import Body, ChunkedBody, LengthBody
from webserver.edge.client import ClientProtocol
from webserver.edge.exchange import Exchange, Observer
from webserver.edge.head import HeadParser, RequestHead, head_end, known_head
from webserver.edge.limits import LARGE_BODY, LEAST_CONTENT, MOST_DISCARDED, MOST_WAITING
from webserver.edge.refusal import Refused
from webserver.routing.request import Scheme

if TYPE_CHECKING:
    from webserver.edge.edge import Edge

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(ClientProtocol):
    """Reads requests, hands each to the edge, and goes on when it is answered."""

    __slots__ = (
        "_advancing",
        "_arrived",
        "_body",
        "_buffer",
        "_closing",
        "_deadline",
        "_delivering",
        "_discarded",
        "_discarding",
        "_edge",
        "_idle",
        "_loop",
        "_parser",
        "_paused",
        "exchange",
        "observer",
        "scheme",
        "writing_paused",
    )

    def __init__(self, edge: "Edge", scheme: Scheme) -> None:
        super().__init__()
        self._edge = edge
        self._loop = edge.loop
        self._parser = HeadParser()
        self._buffer = b""
        self._body: Body | None = None
        self._delivering = False
        self._discarding = False
        self._discarded = 0
        self._advancing = False
        self._arrived = 0
        self._closing = False
        self._idle = False
        self._paused = False
        self._deadline = Deadline(self._loop, self._is_late)
        self.exchange: Exchange | None = None
        self.observer: Observer = edge.observer
        self.scheme = scheme
        self.writing_paused = False

    # Called by the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        super().connection_made(transport)
        self._edge.connections.add(self)
        self._deadline.within(self._edge.limits.head_seconds)

    def data_received(self, data: bytes) -> None:
        """Bytes of a client."""
        exchange = self.exchange
        if exchange is None and self._body is None:
            if self._closing:
                return
            if not (self._buffer or self.writing_paused):
                head = known_head(data)
                if head is not None:
                    self._begin(head)
                    return
            self._buffer = self._buffer + data if self._buffer else data
            if not self.writing_paused:
                self._advance()
            elif len(self._buffer) > MOST_WAITING:
                self._pause()
        elif self._body is not None and (self._discarding or self._delivering):
            self._feed(data)
        else:
            self._buffer += data
            if len(self._buffer) > MOST_WAITING:
                self._pause()

    def eof_received(self) -> bool:
        """The client sends no more: it has gone, and if it waits for an answer, it can't be told apart."""
        return False

    def pause_writing(self) -> None:
        """The client does not read."""
        self.writing_paused = True
        self._deadline.within(self._edge.limits.write_seconds)
        if self.exchange is not None and self.exchange.owner is not None:
            self.exchange.owner.pause_writing()

    def resume_writing(self) -> None:
        """The client reads again."""
        self.writing_paused = False
        exchange = self.exchange
        if exchange is not None:
            self._deadline.at = NEVER
            if exchange.owner is not None:
                exchange.owner.resume_writing()
        elif not self._closing:
            self._deadline.within(self._edge.limits.idle_seconds)
            self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._forget()
        exchange, self.exchange = self.exchange, None
        self._closing = True
        self._buffer, self._body = b"", None
        if exchange is not None:
            exchange.lost()

    # Called by the exchange

    @property
    def body_complete(self) -> bool:
        """Whether the content of the present request was received."""
        return self._body is None

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self.transport.write(data)

    def write_answer(self, head: bytes, body: bytes) -> None:
        """Send both at once."""
        if len(body) < LARGE_BODY:
            self.transport.write(head + body)
        else:
            self.transport.writelines((head, body))

    def deliver_body(self) -> None:
        """Let the owner of the exchange have what has come, and all that comes."""
        exchange = self.exchange
        assert exchange is not None
        if self._body is None:
            if exchange.owner is not None:
                exchange.owner.body_ended()
            return
        if exchange.head.expects_continue and not self._buffer:
            self.transport.write(_CONTINUE)
        exchange.head.expects_continue = False
        self._deadline.within(self._edge.limits.body_seconds)
        self._delivering = True
        self._resume()  # before the owner has anything: it may ask for a pause
        data, self._buffer = self._buffer, b""
        if data:
            self._feed(data)

    def pause_body(self) -> None:
        """Read nothing for now."""
        self._deadline.at = NEVER
        self._pause()

    def resume_body(self) -> None:
        """Read on."""
        if self._body is not None and self._paused:
            self._deadline.within(self._edge.limits.body_seconds)
        self._resume()

    def may_stay_open(self, head: RequestHead) -> bool:
        """Whether what is still to come of the request is worth reading to keep the connection."""
        body = self._body
        if body is None:
            return True
        if head.expects_continue:
            return False
        return isinstance(body, LengthBody) and body.left - len(self._buffer) <= MOST_DISCARDED

    def exchange_ended(self) -> None:
        """The answer is complete: close, or go on with the next request."""
        exchange, self.exchange = self.exchange, None
        if self._closing or exchange is None:
            return
        if exchange.close_after or self._edge.stopping:
            self._close()
            return
        self._idle = True
        limits = self._edge.limits
        self._deadline.within(limits.write_seconds if self.writing_paused else limits.idle_seconds)
        if self._body is not None:
            self._discarding = True
            data, self._buffer = self._buffer, b""
            self._resume()
            if data:
                self._feed(data)
        elif (self._buffer or self._paused) and not self.writing_paused:
            self._go_on()

    def abort_exchange(self) -> None:
        """End the connection at once, without what is still to be sent."""
        self._closing = True
        self.transport.abort()

    def hand_over(self, protocol: asyncio.BaseProtocol) -> tuple[asyncio.Transport, bytes]:
        """See Exchange.takeover."""
        self._forget()
        transport, early = self.transport, self._buffer
        self.exchange, self._buffer, self._closing = None, b"", True
        transport.pause_reading()
        transport.set_protocol(protocol)
        return transport, early

    # Called by the edge

    def stop(self) -> None:
        """Close when the present exchange has ended, or now if there is none."""
        if self.exchange is None:
            self._close()

    # Reading

    def _go_on(self) -> None:
        self._resume()
        if not self._advancing:
            self._advance()

    def _advance(self) -> None:
        """Begin exchanges with what has come, until one is not over at once or its answer is not read."""
        self._advancing = True
        try:
            while self._buffer and self.exchange is None and self._body is None and not self._closing:
                if self.writing_paused:
                    break
                head = known_head(self._buffer)
                if head is not None:
                    self._buffer = b""
                else:
                    head = self._read_head()
                    if head is None:
                        break
                self._begin(head)
        except Refused as refusal:
            self._refuse(refusal)
        finally:
            self._advancing = False

    def _read_head(self) -> RequestHead | None:
        """The next head, taken from the buffer, if it is complete. Raises Refused."""
        data = self._buffer
        # Some clients end their content with one line too many (RFC 9112 section 2.2).
        if data.startswith(b"\r\n"):
            data = self._buffer = data[2:]
        end = head_end(data)
        if end < 0:
            if self._idle:
                self._idle = False
                self._deadline.within(self._edge.limits.head_seconds)
            return None
        if end == len(data):
            head, self._buffer = self._parser.parse(data), b""
        else:
            head, self._buffer = self._parser.parse(data[:end]), data[end:]
        if head.chunked:
            self._body = ChunkedBody()
        elif head.content_length:
            self._body = LengthBody(head.content_length)
        return head

    def _begin(self, head: RequestHead) -> None:
        """Begin an exchange."""
        self._deadline.at = NEVER
        self._delivering = self._discarding = False
        self._discarded = 0
        self.exchange = exchange = Exchange(self, head)
        self._edge.dispatch(exchange)

    def _feed(self, data: bytes) -> None:
        """Content of the request, for the owner of the exchange or for nobody."""
        body, exchange = self._body, self.exchange
        assert body is not None
        try:
            content, rest = body.feed(data)
        except Refused as refusal:
            self._refuse(refusal)
            return
        if rest is not None:
            self._body = None
            self._buffer = rest
            if exchange is not None:
                self._deadline.at = NEVER
        elif not self._paused:
            self._arrived += len(data)
            if self._arrived >= LEAST_CONTENT:
                self._arrived = 0
                self._deadline.within(self._edge.limits.body_seconds)
        if exchange is None or exchange.owner is None:
            self._discarded += len(content)
            if self._discarded > MOST_DISCARDED:
                self._close()
        else:
            exchange.bytes_in += len(content)
            if content:
                exchange.owner.body_received(content)
            if rest is not None and exchange.owner is not None:
                exchange.owner.body_ended()
        if rest is not None and self.exchange is None and not self._advancing:
            self._discarding = False
            self._advance()

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def _resume(self) -> None:
        if self._paused and not self._closing:
            self._paused = False
            self.transport.resume_reading()

    # Ending

    def _refuse(self, refusal: Refused) -> None:
        """Say what is wrong with the request, unless an answer has begun, and close."""
        exchange, self.exchange = self.exchange, None
        if exchange is not None and exchange.status:
            self.exchange = exchange
            exchange.error = refusal.reason
            self.abort_exchange()
            return
        if exchange is None:
            exchange = Exchange(self, RequestHead.unread())
        owner, exchange.owner = exchange.owner, None
        if owner is not None:
            owner.client_gone()
        exchange.handler = "(badrequest)"
        exchange.error = refusal.reason
        exchange.close_after = True
        self._body = None
        exchange.refuse(refusal.status, refusal.reason)
        self._close()

    def _close(self) -> None:
        """Close when everything is sent; what the client still sends is read for a while and dropped."""
        if self._closing and self.transport.is_closing():
            return
        self._closing = True
        self.exchange = None
        self._buffer = b""
        if self._body is not None and not self.transport.is_closing():
            # A close with unread bytes is a reset, which can destroy the answer on its way.
            self._body = None
            self._resume_for_lingering()
        else:
            if self.transport.get_write_buffer_size():  # the client may never read it
                self._deadline.within(self._edge.limits.write_seconds)
            self.transport.close()

    def _resume_for_lingering(self) -> None:
        if self._paused:
            self._paused = False
            self.transport.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._deadline.within(self._edge.limits.linger_seconds)

    def _forget(self) -> None:
        self._edge.left(self)
        self._deadline.end()
        self._parser.end()

    # Time

    def _is_late(self) -> None:
        if self._closing or self.writing_paused:
            if self.exchange is not None:
                self.exchange.error = "the client does not read"
            self.transport.abort()
        elif self.exchange is None and not self._buffer:
            self._close()
            self.transport.close()
        else:
            self._refuse(Refused(408, "The request did not come in time."))
