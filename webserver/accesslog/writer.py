"""Lines on their way to standard error, which may be slow, or read by nobody."""

import asyncio
import logging
import os
import select
import stat
import threading
from collections.abc import Iterator
from typing import Final

from mail import clock
from webserver.metrics import LOST_LINES

log = logging.getLogger(__name__)

FLUSH_SECONDS: Final = 0.05
"""How long a line waits for others to be written together with."""

MOST_WAITING: Final = 8 * 1024 * 1024
"""Characters that wait for a slow reader; lines beyond are dropped and counted."""

_MOST_TOGETHER: Final = 256 * 1024
"""Bytes for one write to a file: each makes the event loop wait for the thread to go on."""

CLOSE_SECONDS: Final = 2.0
"""How long the last lines may take at the end of the process."""


class LineWriter:
    """`write` is for the event loop and never waits. A thread of its own writes what has come together."""

    def __init__(self, descriptor: int, loop: asyncio.AbstractEventLoop) -> None:
        self._descriptor = descriptor
        self._together = select.PIPE_BUF if _is_shared_in_pieces(descriptor) else _MOST_TOGETHER
        self._loop = loop
        self._lines: list[str] = []
        self._size = 0
        self._lost = 0
        self._timer: asyncio.TimerHandle | None = None
        self._batch: list[str] | None = None
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="access log", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Write a line, which ends in a line feed, soon."""
        if self._size > MOST_WAITING:
            self._lost += 1
            LOST_LINES.add()
            return
        self._lines.append(line)
        self._size += len(line)
        if self._timer is None:
            self._timer = self._loop.call_later(FLUSH_SECONDS, self._flush)

    def close(self) -> None:
        """Write what there is, as far as somebody reads it."""
        if self._timer is not None:
            self._timer.cancel()
        until = clock.monotonic() + CLOSE_SECONDS
        while (self._batch is not None or self._lines) and clock.monotonic() < until:
            if self._batch is None:
                self._hand_over()
            threading.Event().wait(0.01)
        self._closing = True
        self._wake.set()
        self._thread.join(timeout=max(0.0, until - clock.monotonic()))

    def _flush(self) -> None:
        self._timer = None
        if self._batch is None:
            self._hand_over()
        elif self._lines:  # the thread still writes the last ones
            self._timer = self._loop.call_later(FLUSH_SECONDS, self._flush)

    def _hand_over(self) -> None:
        batch, self._lines, self._size = self._lines, [], 0
        lost, self._lost = self._lost, 0
        self._batch = batch
        self._wake.set()
        if lost:
            log.warning("lines of the access log were lost", extra={"fields": {"lines": lost}})

    def _work(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._batch is not None:
                try:
                    for piece in _pieces(self._batch, self._together):
                        _write(self._descriptor, piece)
                except OSError:
                    pass  # nobody is there to be told
                self._batch = None
            elif self._closing:
                return


def _is_shared_in_pieces(descriptor: int) -> bool:
    """Whether lines of other processes can come into the middle of a long write: a pipe or a socket."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _pieces(lines: list[str], together: int) -> Iterator[bytes]:
    """Lines joined to so many bytes as are written as one, so that no others come in between."""
    piece: list[bytes] = []
    size = 0
    for line in lines:
        data = line.encode("utf-8", "backslashreplace")
        if size + len(data) > together and piece:
            yield b"".join(piece)
            piece, size = [], 0
        piece.append(data)
        size += len(data)
    if piece:
        yield b"".join(piece)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
