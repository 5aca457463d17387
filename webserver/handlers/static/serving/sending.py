"""Sending a file piece by piece, read by threads, no faster than the client takes it."""

import asyncio
import os
from concurrent.futures import Executor
from typing import Final

from webserver.edge.exchange import Exchange

PIECE: Final = 256 * 1024


class Sending:
    """The owner of an exchange that is answered with a part of a file. Closes the descriptor."""

    __slots__ = (
        "_descriptor",
        "_end",
        "_exchange",
        "_executor",
        "_is_reading",
        "_loop",
        "_position",
        "_slow",
    )

    def __init__(self, exchange: Exchange, executor: Executor, descriptor: int, start: int, end: int) -> None:
        self._exchange = exchange
        self._executor = executor
        self._descriptor = descriptor
        self._position = start
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._slow = False
        self._is_reading = False

    def begin(self) -> None:
        """Send everything. The head was sent before."""
        self._exchange.owner = self
        self._read()

    def _read(self) -> None:
        size = min(PIECE, self._end - self._position)
        self._is_reading = True
        reading = self._loop.run_in_executor(self._executor, os.pread, self._descriptor, size, self._position)
        reading.add_done_callback(self._have_read)

    def _have_read(self, reading: asyncio.Future[bytes]) -> None:
        self._is_reading = False
        exchange = self._exchange
        if exchange.owner is not self:
            self._close()
            return
        error = reading.exception()
        data = b"" if error is not None else reading.result()
        if not data:
            self._close()
            exchange.owner = None
            exchange.abort(f"the file could not be read: {error or 'it became shorter'}")
            return
        self._position += len(data)
        exchange.write(data)
        if self._position >= self._end:
            self._close()
            exchange.finish()
        elif not self._slow:
            self._read()

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def body_received(self, data: bytes) -> None:
        """See Owner."""

    def body_ended(self) -> None:
        """See Owner."""

    def pause_writing(self) -> None:
        """See Owner."""
        self._slow = True

    def resume_writing(self) -> None:
        """See Owner."""
        self._slow = False
        if not self._is_reading and self._exchange.owner is self:
            self._read()

    def client_gone(self) -> None:
        """See Owner."""
        if not self._is_reading:
            self._close()
