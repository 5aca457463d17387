"""Reading a connection that sends much at a time into memory that is used again and again.

A new piece of memory for each quarter of a MiB costs the kernel more than copying what is in it.
"""

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from webserver.websocket.tunnel import End

ENTERED_AT: Final = 128 * 1024
"""Bytes that came at once, from which on a connection is read this way."""

LEFT_BELOW: Final = 32 * 1024
"""So few bytes at once are copied, and the connection is read in the ordinary way again."""

_SIZE: Final = 256 * 1024


class _Room:
    """Where bytes are between two connections: for all tunnels, as each empties it at once."""

    def __init__(self) -> None:
        self.memory = memoryview(bytearray(_SIZE))

    def renew(self) -> None:
        """Leave the memory to a transport that could not send all of it."""
        self.memory = memoryview(bytearray(_SIZE))


_room = _Room()


class BulkReader(asyncio.BufferedProtocol):
    """The protocol of an end of a tunnel while it sends much. What else happens is for the end itself."""

    __slots__ = ("_end", "_memory")

    def __init__(self, end: "End") -> None:
        self._end = end
        self._memory = _room.memory

    def get_buffer(self, sizehint: int) -> memoryview:
        self._memory = _room.memory
        return self._memory

    def buffer_updated(self, nbytes: int) -> None:
        end = self._end
        if nbytes < LEFT_BELOW:
            end.read_with(end)
            end.data_received(bytes(self._memory[:nbytes]))
            return
        end.received += nbytes
        writer = end.other.stream
        writer.write(self._memory[:nbytes])
        if writer.get_write_buffer_size() and self._memory is _room.memory:
            _room.renew()

    def data_received(self, data: bytes) -> None:
        """Called by streams that know no buffers."""
        self._end.data_received(data)

    def pause_writing(self) -> None:
        self._end.pause_writing()

    def resume_writing(self) -> None:
        self._end.resume_writing()

    def eof_received(self) -> bool:
        return self._end.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.connection_lost(exc)
