"""One request of a connection: what comes of it, and what is still to be sent.

Towards its exchange it is what a connection of HTTP/1.1 is.
"""

import asyncio
import math
from collections import deque
from typing import TYPE_CHECKING, Final

from webserver.edge.exchange import Exchange, Observer
from webserver.edge.field_section import Field
from webserver.edge.head import RequestHead
from webserver.edge.http2.limits import LEAST_PROGRESS, LEAST_UNSENT, MOST_UNSENT
from webserver.edge.limits import LEAST_CONTENT
from webserver.routing.request import Scheme

if TYPE_CHECKING:
    from webserver.edge.http2.connection import Http2Connection

CONTINUE: Final[list[Field]] = [(b":status", b"100")]


class Stream:
    """A request under way."""

    __slots__ = (
        "_arrived",
        "_connection",
        "_paused",
        "_progress",
        "_reading",
        "_received",
        "_unsent",
        "body_complete",
        "ending",
        "exchange",
        "head",
        "id",
        "local_port",
        "observer",
        "peer",
        "peer_bytes",
        "read_deadline",
        "scheme",
        "tls_version",
        "unsent",
        "write_deadline",
        "writing_paused",
    )

    def __init__(self, connection: "Http2Connection", stream_id: int) -> None:
        self._connection = connection
        self.id = stream_id
        self.exchange: Exchange | None = None
        self.scheme: Scheme = "https"
        self.peer = connection.peer
        self.peer_bytes = connection.peer_bytes
        self.local_port = connection.local_port
        self.tls_version = connection.tls_version
        self.observer: Observer = connection.observer

        self.body_complete = False
        self._received: deque[tuple[bytes, int]] = deque()
        """Content that nobody has taken yet, with the room in the windows that it holds."""
        self._arrived = 0
        self._reading = False
        self._paused = False

        self.head: list[Field] | None = None
        """Of the answer, while it waits to be sent with the first content."""
        self._unsent: deque[bytes] = deque()
        self.unsent = 0
        """Bytes of content that wait for the client's window."""
        self.ending = False
        """Whether the answer is complete."""
        self.writing_paused = False
        self._progress = 0
        self.read_deadline = math.inf
        """On the loop's clock: when content, which somebody waits for, is late."""
        self.write_deadline = math.inf
        """When the client must have taken more of the answer."""

    # Content of the request

    def received(self, data: bytes, room: int) -> None:
        """A piece of content, which holds `room` bytes of the windows until somebody takes it."""
        self._received.append((data, room))
        self._pass_on()

    def ended(self) -> None:
        """The content is complete."""
        self.body_complete = True
        self.read_deadline = math.inf
        self._pass_on()

    def deliver_body(self) -> None:
        """Let the owner of the exchange have what has come, and all that comes."""
        exchange = self.exchange
        assert exchange is not None
        if exchange.head.expects_continue and not self._received and not self.body_complete:
            self.send_interim(CONTINUE)
        exchange.head.expects_continue = False
        self._reading = True
        self._pass_on()

    def pause_body(self) -> None:
        """Pass on nothing for now; the client may send what its window has room for."""
        self._paused = True
        self.read_deadline = math.inf

    def resume_body(self) -> None:
        """Pass on again. The owner may be in the middle of something: it is called later."""
        if self._paused:
            self._paused = False
            self._connection.loop.call_soon(self._pass_on)

    def _pass_on(self) -> None:
        exchange = self.exchange
        if not self._reading or exchange is None or exchange.owner is None:
            return
        while self._received and not self._paused and exchange.owner is not None:
            data, room = self._received.popleft()
            self._connection.make_room(self.id, room)
            exchange.bytes_in += len(data)
            self._arrived += len(data)
            if data:
                exchange.owner.body_received(data)
        if self._received or self._paused or exchange.owner is None:
            return
        if self.body_complete:
            self._reading = False
            exchange.owner.body_ended()
        elif self._arrived >= LEAST_CONTENT or self.read_deadline == math.inf:
            self._arrived = 0
            self.read_deadline = self._connection.loop.time() + self._connection.limits.body_seconds

    def drop_content(self) -> None:
        """Nobody wants what has come: its room is for other streams."""
        room = sum(room for _, room in self._received)
        self._received.clear()
        if room:
            self._connection.make_room(self.id, room)

    # The answer

    def send_head(self, fields: list[Field]) -> None:
        """The head of the answer; goes out with what follows at once."""
        self.head = fields
        self._connection.wants_to_send(self)

    def send_interim(self, fields: list[Field]) -> None:
        """A head that announces another."""
        self._connection.send_interim(self.id, fields)

    def write(self, data: bytes) -> None:
        """A piece of the answer's content."""
        if not data:
            return
        self._unsent.append(data)
        self.unsent += len(data)
        if self.write_deadline == math.inf:
            self.write_deadline = self._connection.loop.time() + self._connection.limits.write_seconds
        if self.unsent > MOST_UNSENT and not self.writing_paused:
            self.writing_paused = True
            if self.exchange is not None and self.exchange.owner is not None:
                self.exchange.owner.pause_writing()
        self._connection.wants_to_send(self)

    def end_answer(self) -> None:
        """The answer is complete."""
        self.ending = True
        self._connection.wants_to_send(self)

    def take(self, most: int) -> bytes:
        """So many bytes of what is unsent, or less."""
        data = self._unsent.popleft()
        if len(data) > most:
            self._unsent.appendleft(data[most:])
            data = data[:most]
        elif len(data) < most and self._unsent:
            data = self._gather(data, most)
        self.unsent -= len(data)
        self._progress += len(data)
        if not self.unsent:
            self.write_deadline, self._progress = math.inf, 0
        elif self._progress >= LEAST_PROGRESS:
            self._progress = 0
            self.write_deadline = self._connection.loop.time() + self._connection.limits.write_seconds
        return data

    def _gather(self, data: bytes, most: int) -> bytes:
        """Several small pieces as one."""
        pieces, size = [data], len(data)
        while self._unsent and size + len(self._unsent[0]) <= most:
            pieces.append(self._unsent.popleft())
            size += len(pieces[-1])
        return b"".join(pieces)

    def tell_ready(self) -> None:
        """Let the owner write again when most was sent."""
        if self.writing_paused and self.unsent <= LEAST_UNSENT:
            self.writing_paused = False
            if self.exchange is not None and self.exchange.owner is not None:
                self.exchange.owner.resume_writing()

    # The end

    def may_stay_open(self, head: RequestHead) -> bool:
        """The connection stays open, whatever becomes of one stream."""
        return True

    def exchange_ended(self) -> None:
        """The answer is complete, though perhaps not sent."""
        self.exchange = None
        self.read_deadline = math.inf
        self.drop_content()

    def abort_exchange(self) -> None:
        """End the stream at once, so that the client sees that the answer is not complete."""
        self._connection.abort_stream(self)

    def lost(self) -> None:
        """Nobody is there any more."""
        exchange, self.exchange = self.exchange, None
        self._unsent.clear()
        self.unsent = 0
        self.read_deadline = self.write_deadline = math.inf
        if exchange is not None:
            exchange.lost()

    def hand_over(self, protocol: asyncio.BaseProtocol) -> tuple[asyncio.Transport, bytes]:
        """A stream can't be handed over."""
        raise NotImplementedError
