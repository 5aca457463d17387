"""One connection of a client that speaks HTTP/2: its streams, their turns, and the time they may take."""

import asyncio
import logging
import math
from typing import TYPE_CHECKING, Final

from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    PingAckReceived,
    RequestReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError

from webserver.edge.client import ClientProtocol
from webserver.edge.exchange import Observer
from webserver.edge.field_section import Field
from webserver.edge.head import RequestHead
from webserver.edge.http2.exchange import Http2Exchange
from webserver.edge.http2.frames import FrameTooLong, FrameWatch, TooManyFrames
from webserver.edge.http2.head import RequestReader, check_trailers
from webserver.edge.http2.library import goaway, new_connection
from webserver.edge.http2.limits import STREAMS
from webserver.edge.http2.stream import Stream
from webserver.edge.http2.turns import Turns
from webserver.edge.refusal import Refused
from webserver.metrics import HTTP2_CONNECTIONS, HTTP2_ENDED

if TYPE_CHECKING:
    from webserver.edge.edge import Edge

log = logging.getLogger(__name__)

_NO_STREAM_YET: Final = 2**31 - 1
_GOODBYE: Final = b"goodbye\0"


class Http2Connection(ClientProtocol):
    """Reads frames, makes an exchange of each request, and sends what they answer in turns."""

    def __init__(self, edge: "Edge") -> None:
        super().__init__()
        self._edge = edge
        self.loop = edge.loop
        self.limits = edge.limits
        self.observer: Observer = edge.observer
        self.streams: dict[int, Stream] = {}
        self._h2 = new_connection()
        self._watch = FrameWatch()
        self._reader = RequestReader()
        self._turns = Turns(self._h2, self._answered, self._ended)
        self._sending_soon = False
        self._writing_paused = False
        self._write_deadline = math.inf
        self._idle_deadline = self.loop.time() + edge.limits.head_seconds
        self._head_deadline = math.inf
        self._last_taken = _NO_STREAM_YET
        """The last stream that we still take, once we have said GOAWAY."""
        self._leaving = False
        self._closed = False
        self._ticker: asyncio.TimerHandle | None = None

    # Called by the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        super().connection_made(transport)
        self._edge.connections.add(self)
        HTTP2_CONNECTIONS.add(amount=1)
        self._flush()
        self._tick()

    def data_received(self, data: bytes) -> None:
        """Bytes of a client."""
        if self._closed:
            return
        try:
            now = self.loop.time()
            seen = self._watch.feed(data, now)
            for event in self._h2.receive_data(seen):
                self._happened(event)
        except TooManyFrames as flood:
            self._end(ErrorCodes.ENHANCE_YOUR_CALM, f"too many frames of no use: {flood}")
            return
        except FrameTooLong:
            self._end(ErrorCodes.FRAME_SIZE_ERROR, "a frame is too long")
            return
        except ProtocolError as error:
            self._end(None, f"{type(error).__name__}: {error}")
            return
        if not self._watch.in_header_block:
            self._head_deadline = math.inf
        elif self._head_deadline == math.inf:
            self._head_deadline = now + self.limits.head_seconds
        self._send_soon()

    def eof_received(self) -> bool:
        """The client has gone."""
        return False

    def pause_writing(self) -> None:
        """The client does not read."""
        self._writing_paused = True
        self._write_deadline = self.loop.time() + self.limits.write_seconds

    def resume_writing(self) -> None:
        """The client reads again."""
        self._writing_paused = False
        self._write_deadline = math.inf
        self._send_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._closed = True
        if self._ticker is not None:
            self._ticker.cancel()
        HTTP2_CONNECTIONS.add(amount=-1)
        self._edge.left(self)
        self._reader.end()
        self._lose_streams()

    # Called by the edge

    def stop(self) -> None:
        """Take no more requests, and close when those that there are have ended (RFC 9113 section 6.8).

        What the client sends before it hears of it is still answered: it is told twice, with a PING between.
        """
        if self._leaving or self._closed:
            return
        self._leaving = True
        self._say_goaway(_NO_STREAM_YET)
        self._h2.ping(_GOODBYE)
        self._flush()

    def abort_exchange(self) -> None:
        """End the connection at once."""
        self._closed = True
        self.transport.abort()

    # Called by streams

    def make_room(self, stream_id: int, size: int) -> None:
        """Content was taken: the client may send so much more."""
        if not self._closed and size:
            self._h2.acknowledge_received_data(size, stream_id)
            self._send_soon()

    def wants_to_send(self, stream: Stream) -> None:
        """There is something of this stream to send."""
        if stream.id in self.streams:
            self._turns.add(stream)
            self._send_soon()

    def send_interim(self, stream_id: int, fields: list[Field]) -> None:
        """A head before the head of the answer."""
        if not self._closed and stream_id in self.streams:
            self._h2.send_headers(stream_id, fields)
            self._send_soon()

    def abort_stream(self, stream: Stream, error: ErrorCodes = ErrorCodes.INTERNAL_ERROR) -> None:
        """End it without a complete answer; its exchange hears of it later."""
        if self._forget(stream):
            self._h2.reset_stream(stream.id, error)
            self._send_soon()
            self.loop.call_soon(stream.lost)

    # What comes

    def _happened(self, event: Event) -> None:
        stream: Stream | None
        if isinstance(event, RequestReceived):
            self._begin(event)
        elif isinstance(event, DataReceived):
            stream = self.streams.get(event.stream_id)
            if stream is None or stream.exchange is None:
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            else:
                stream.received(event.data, event.flow_controlled_length)
        elif isinstance(event, StreamEnded):
            stream = self.streams.get(event.stream_id)
            if stream is not None:
                stream.ended()
        elif isinstance(event, StreamReset):
            stream = self.streams.get(event.stream_id)
            if stream is not None:
                self._ended(stream)
        elif isinstance(event, TrailersReceived):
            self._check_trailers(event)
        elif isinstance(event, PingAckReceived) and event.ping_data == _GOODBYE and self._leaving:
            self._last_taken = self._h2.highest_inbound_stream_id
            self._say_goaway(self._last_taken)

    def _begin(self, event: RequestReceived) -> None:
        """A request is there: have it answered, or say what is wrong with it."""
        stream_id = event.stream_id
        if stream_id > self._last_taken:
            self._h2.reset_stream(stream_id, ErrorCodes.REFUSED_STREAM)
            return
        if len(self.streams) >= STREAMS:
            self._h2.reset_stream(stream_id, ErrorCodes.REFUSED_STREAM)
            self._watch.count("requests at the same time", self.loop.time())
            return
        stream = self.streams[stream_id] = Stream(self, stream_id)
        has_content = event.stream_ended is None
        try:
            head = self._reader.read(event.headers, has_content=has_content)
        except Refused as refusal:
            stream.body_complete = not has_content
            exchange = Http2Exchange(stream, RequestHead.unread())
            exchange.handler = "(badrequest)"
            exchange.error = refusal.reason
            exchange.refuse(refusal.status, refusal.reason)
            return
        stream.body_complete = not has_content
        stream.exchange = exchange = Http2Exchange(stream, head)
        self._edge.dispatch(exchange)

    def _check_trailers(self, event: TrailersReceived) -> None:
        stream = self.streams.get(event.stream_id)
        try:
            check_trailers(event.headers)
        except Refused as refusal:
            if stream is not None:
                if stream.exchange is not None:
                    stream.exchange.error = refusal.reason
                self.abort_stream(stream, ErrorCodes.PROTOCOL_ERROR)

    # What goes

    def _send_soon(self) -> None:
        """Send when what happens now has happened: then a small answer is one packet."""
        if not self._sending_soon and not self._closed:
            self._sending_soon = True
            self.loop.call_soon(self._send)

    def _send(self) -> None:
        self._sending_soon = False
        if self._closed:
            return
        while not self._writing_paused:
            sent = self._turns.take()
            self._watch.allowance.give(2 * sent)
            self._flush()
            if not sent:
                break
        self._flush()
        if self._leaving_is_over():
            self._close()

    def _answered(self, stream: Stream) -> None:
        """All is sent. Who still sends content is told that nobody wants it (RFC 9113 section 8.1)."""
        if not stream.body_complete:
            self._h2.reset_stream(stream.id, ErrorCodes.NO_ERROR)
        self._forget(stream)

    def _ended(self, stream: Stream) -> None:
        self._forget(stream)
        stream.lost()

    def _forget(self, stream: Stream) -> bool:
        """Let go of a stream; whether it was there."""
        if self.streams.pop(stream.id, None) is None:
            return False
        self._turns.remove(stream)
        stream.drop_content()
        if not self.streams:
            self._idle_deadline = self.loop.time() + self.limits.idle_seconds
        return True

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data and not self.transport.is_closing():
            self.transport.write(data)

    # The end

    def _say_goaway(self, last: int, error: ErrorCodes = ErrorCodes.NO_ERROR) -> None:
        self._flush()
        self.transport.write(goaway(last, error))

    def _leaving_is_over(self) -> bool:
        if self.streams:
            return False
        return (self._leaving and self._last_taken != _NO_STREAM_YET) or self._watch.client_leaves

    def _end(self, error: ErrorCodes | None, reason: str) -> None:
        """End it for what the client has sent. Without `error` the library has said so already."""
        log.info("HTTP/2 connection ended", extra={"fields": {"client": self.peer, "reason": reason}})
        HTTP2_ENDED.add("flood" if error is ErrorCodes.ENHANCE_YOUR_CALM else "protocol")
        for stream in self.streams.values():
            if stream.exchange is not None:
                stream.exchange.error = reason
        if error is not None:
            self._say_goaway(self._h2.highest_inbound_stream_id, error)
        self._close()
        self._lose_streams()

    def _lose_streams(self) -> None:
        streams, self.streams = self.streams, {}
        for stream in streams.values():
            self._turns.remove(stream)
            stream.lost()

    def _close(self) -> None:
        self._flush()
        self._closed = True
        self._write_deadline = min(self._write_deadline, self.loop.time() + self.limits.write_seconds)
        self.transport.close()

    # Time

    def _tick(self) -> None:
        """Look at all deadlines. None of them is so short that it would matter to be a little late."""
        limits = self.limits
        shortest = min(limits.head_seconds, limits.idle_seconds, limits.body_seconds, limits.write_seconds)
        self._ticker = self.loop.call_later(min(5.0, shortest / 4), self._tick)
        now = self.loop.time()
        if self._write_deadline < now:
            self._tell_slow()
            self.abort_exchange()
        elif self._head_deadline < now:
            self._end(ErrorCodes.ENHANCE_YOUR_CALM, "the fields of a request did not come in time")
        elif self._is_idle(now):
            self._say_goaway(self._h2.highest_inbound_stream_id)
            self._close()
        else:
            for stream in list(self.streams.values()):
                if stream.read_deadline < now or stream.write_deadline < now:
                    self._is_late(stream, reading=stream.read_deadline < now)

    def _is_idle(self, now: float) -> bool:
        if self.streams or self._closed or self._watch.in_header_block:
            return False
        return self._idle_deadline < now

    def _is_late(self, stream: Stream, *, reading: bool) -> None:
        exchange = stream.exchange
        if reading and exchange is not None and not exchange.headers_sent:
            owner, exchange.owner = exchange.owner, None
            if owner is not None:
                owner.client_gone()
            exchange.error = "the content did not come in time"
            exchange.refuse(408, "The request did not come in time.")
            return
        if exchange is not None:
            exchange.error = "the client does not read" if not reading else "the content did not come in time"
        self.abort_stream(stream, ErrorCodes.CANCEL)

    def _tell_slow(self) -> None:
        for stream in self.streams.values():
            if stream.exchange is not None:
                stream.exchange.error = "the client does not read"
