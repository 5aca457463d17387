"""Two connections joined: what arrives at one is written to the other, unread.

While one end does not take what was written to it, nothing more is read from the other, so a tunnel keeps
less than a MiB each way. A half-closed connection is passed on where the other side can do that (TLS of the
standard library can't), and the rest still flows the other way.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

from webserver.edge.limits import WRITE_BUFFER
from webserver.websocket.bulk import ENTERED_AT, BulkReader

SILENT_SECONDS: Final = 60.0
"""After one side has ended: how long nothing may move until the rest of the tunnel is cut."""

_NOTHING_SEEN: Final = (-1, -1)


class Stream(Protocol):
    """What a tunnel needs of a connection; asyncio's transports have it."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None: ...
    def write(self, data: bytes | memoryview) -> None: ...
    def get_write_buffer_size(self) -> int: ...
    def set_write_buffer_limits(self, high: int) -> None: ...
    def can_write_eof(self) -> bool: ...
    def write_eof(self) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def is_closing(self) -> bool: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...
    def get_extra_info(self, name: str, default: Any = None) -> Any: ...


class End(asyncio.Protocol):
    """One of the two connections of a tunnel. `received` counts the bytes that came from there."""

    __slots__ = (
        "_tunnel",
        "_write",
        "ended",
        "lost",
        "name",
        "other",
        "received",
        "stream",
    )

    other: "End"

    def __init__(self, tunnel: "Tunnel", name: str, stream: Stream) -> None:
        self._tunnel = tunnel
        self._write: Callable[[bytes], object]
        self.name = name
        self.stream = stream
        self.received = 0
        self.ended = False
        self.lost = False

    def join(self, other: "End") -> None:
        """Write to `other` from now on what arrives here."""
        self.other = other
        self._write = other.stream.write
        self.stream.set_protocol(self)

    def read_with(self, protocol: asyncio.BaseProtocol) -> None:
        """While it is being read: give the connection a protocol that tells this end what happens."""
        self.stream.pause_reading()
        self.stream.set_protocol(protocol)
        self.stream.resume_reading()

    def data_received(self, data: bytes) -> None:
        size = len(data)
        self.received += size
        self._write(data)
        if size >= ENTERED_AT and self._may_read_bulk():
            self.read_with(BulkReader(self))

    def _may_read_bulk(self) -> bool:
        """Whether all was sent, and asyncio.BufferedProtocol is for it: TLS copies what comes anyway."""
        if self.other.stream.get_write_buffer_size():
            return False
        stream = self.stream
        return stream.get_extra_info("ssl_object") is None and getattr(stream, "knows_buffers", True)

    def pause_writing(self) -> None:
        if not self.other.lost and not self.other.stream.is_closing():
            self.other.stream.pause_reading()

    def resume_writing(self) -> None:
        if not self.other.lost and not self.other.stream.is_closing():
            self.other.stream.resume_reading()

    def eof_received(self) -> bool:
        self.ended = True
        return self._tunnel.end_received(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._tunnel.connection_lost(self, error)


class Tunnel:
    """A client and a backend whose handshake is done. `closed` is called when both connections are gone.

    `error` then says what ended it, if it was no orderly end. No task waits for it: most tunnels are idle
    most of the time, and there may be many.
    """

    __slots__ = ("_closed", "_deadline", "_seen", "_silence", "backend", "client", "error")

    def __init__(self, client: Stream, backend: Stream, closed: Callable[[], None]) -> None:
        self._closed: Callable[[], None] | None = closed
        self._deadline: asyncio.TimerHandle | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._seen = _NOTHING_SEEN
        self.error = ""
        self.client = End(self, "client", client)
        self.backend = End(self, "backend", backend)

    def begin(self, to_client: bytes, from_backend: bytes, from_client: bytes) -> None:
        """Join the connections. `to_client` is written first; then what had been read early on both sides."""
        self.client.join(self.backend)
        self.backend.join(self.client)
        for end in (self.client, self.backend):
            if not end.stream.is_closing():
                end.stream.set_write_buffer_limits(high=WRITE_BUFFER)
                end.stream.resume_reading()
        self.client.stream.write(to_client)
        if from_backend:
            self.backend.data_received(from_backend)
        if from_client:
            self.client.data_received(from_client)

    def end(self, grace_seconds: float, reason: str) -> None:
        """End it from here: close our half towards both sides, and cut it when they don't follow in time."""
        if self._closed is None or self._deadline is not None:
            return
        self.error = self.error or reason
        self._deadline = asyncio.get_running_loop().call_later(grace_seconds, self.abort)
        for end in (self.client, self.backend):
            self._close_half(end)

    def abort(self) -> None:
        """Cut both connections at once."""
        for end in (self.client, self.backend):
            if not end.lost:
                end.stream.abort()

    def end_received(self, end: End) -> bool:
        """Nothing more comes from there. Returns whether the connection stays open, to be written to."""
        self._follow_silence()
        if end.other.ended or not end.other.stream.can_write_eof():
            for each in (self.client, self.backend):
                if not each.lost:
                    each.stream.close()
            return False
        self._close_half(end.other)
        return True

    def connection_lost(self, end: End, error: Exception | None) -> None:
        """The connection of this end is gone; what it had sent still goes to the other."""
        end.ended = end.lost = True
        if error is not None and not self.error:
            self.error = f"{end.name}: {error}"
        if not end.other.lost:
            end.other.stream.close()
            self._follow_silence()
            return
        for timer in (self._silence, self._deadline):
            if timer is not None:
                timer.cancel()
        closed, self._closed = self._closed, None
        if closed is not None:
            closed()
            del self.client, self.backend, end.other.other  # no cycles are left to be collected

    @staticmethod
    def _close_half(end: End) -> None:
        if end.lost or end.stream.is_closing():
            return
        if end.stream.can_write_eof():
            end.stream.write_eof()
        else:
            end.stream.close()

    def _follow_silence(self) -> None:
        if self._silence is None:
            self._wait_for_silence()

    def _cut_if_silent(self) -> None:
        ends = (self.client, self.backend)
        pending = sum(end.stream.get_write_buffer_size() for end in ends if not end.lost)
        moved = (self.client.received + self.backend.received, pending)
        if moved == self._seen:
            self.error = self.error or f"nothing moved for {SILENT_SECONDS:g} s after one side had ended"
            self.abort()
        else:
            self._seen = moved
            self._wait_for_silence()

    def _wait_for_silence(self) -> None:
        self._silence = asyncio.get_running_loop().call_later(SILENT_SECONDS, self._cut_if_silent)


def as_stream(transport: asyncio.BaseTransport) -> Stream:
    """A transport of a stream socket, with or without TLS, has all that a Stream needs."""
    return cast("Stream", transport)
