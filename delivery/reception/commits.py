"""Waiting on an event loop for what the writer's thread commits."""

import asyncio
from collections import deque
from concurrent.futures import Future
from functools import partial
from typing import Any

from mail.store.write import Write
from mail.store.writer import Writer, WriterStopped


class Commits:
    """Hands writes in, and wakes the loop once for all that were committed together. For one event loop.

    Writes of the sessions that are served in one turn of the loop go to the writer in the next turn: those
    are fewer and larger transactions, and the two threads wake each other less often.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wanted: list[tuple[asyncio.Future[Any], Writer, Write]] = []
        self._done: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._waking = False

    def submit(self, writer: Writer, write: Write) -> "asyncio.Future[Any]":
        """The result of the write after its commit, or what refused it; WriterStopped when it is too late."""
        self._loop = loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Any] = loop.create_future()
        if not self._wanted:
            loop.call_soon(self._hand_in)
        self._wanted.append((waiting, writer, write))
        return waiting

    def _hand_in(self) -> None:
        wanted, self._wanted = self._wanted, []
        for waiting, writer, write in wanted:
            try:
                writer.submit(write).add_done_callback(partial(self._committed, waiting))
            except WriterStopped as error:
                waiting.set_exception(error)

    def _committed(self, waiting: "asyncio.Future[Any]", done: "Future[Any]") -> None:
        """On the writer's thread. Put in first, then looked at: so nothing stays behind unseen."""
        self._done.append((waiting, done))
        if self._waking or self._loop is None:
            return
        self._waking = True
        try:
            self._loop.call_soon_threadsafe(self._settle)
        except RuntimeError:
            pass  # the loop is closed: nobody waits any more

    def _settle(self) -> None:
        self._waking = False
        while self._done:
            waiting, done = self._done.popleft()
            if waiting.done():
                continue  # whoever waited has been cancelled
            error = done.exception()
            if error is not None:
                waiting.set_exception(error)
            else:
                waiting.set_result(done.result())
