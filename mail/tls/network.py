"""The side of a TLS transport that faces the network transport."""

import asyncio
import threading
from typing import Protocol

_READ_BUFFER = 64 * 1024

_thread = threading.local()


class Owner(Protocol):
    """Who learns what happens on the network."""

    def network_received(self, data: memoryview) -> None:
        """Bytes arrived; the memory is valid during the call only."""

    def network_ended(self) -> None:
        """The peer sends no more."""

    def network_lost(self, error: Exception | None) -> None:
        """The connection is gone."""

    def network_full(self, full: bool) -> None:
        """The network takes no more for now, or takes data again."""


class NetworkSide(asyncio.BufferedProtocol):
    """The protocol of the network transport.

    Reads into one buffer per thread: an event loop reads and hands on without anything in between, so that
    idle connections hold none.
    """

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._buffer = _read_buffer()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._owner.network_received(self._buffer[:nbytes])

    def eof_received(self) -> bool:
        self._owner.network_ended()
        # The owner closes the network side itself, after what is left to send.
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.network_lost(exc)

    def pause_writing(self) -> None:
        self._owner.network_full(True)

    def resume_writing(self) -> None:
        self._owner.network_full(False)


def _read_buffer() -> memoryview:
    buffer: memoryview | None = getattr(_thread, "buffer", None)
    if buffer is None:
        buffer = _thread.buffer = memoryview(bytearray(_READ_BUFFER))
    return buffer
