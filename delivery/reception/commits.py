"""Waiting on an event loop for what the writer's thread commits."""

import asyncio
from concurrent.futures import Future
from functools import partial
from typing import Any

from delivery.reception.completions import Completions
from mail.store.write import Write
from mail.store.writer import Writer, WriterStopped


class Commits:
    """Hands writes in, and learns of those that were committed together at once. For one event loop.

    Writes of the sessions that are served in one turn of the loop go to the writer in the next turn: those
    are fewer and larger transactions, and the two threads wake each other less often.
    """

    def __init__(self) -> None:
        self._wanted: list[tuple[asyncio.Future[Any], Writer, Write]] = []
        self._completions = Completions()

    def submit(self, writer: Writer, write: Write) -> "asyncio.Future[Any]":
        """The result of the write after its commit, or what refused it; WriterStopped when it is too late."""
        waiting = self._completions.expect()
        if not self._wanted:
            waiting.get_loop().call_soon(self._hand_in)
        self._wanted.append((waiting, writer, write))
        return waiting

    def _hand_in(self) -> None:
        wanted, self._wanted = self._wanted, []
        for waiting, writer, write in wanted:
            if waiting.done():
                continue  # whoever waited has been cancelled, and was promised nothing
            try:
                writer.submit(write).add_done_callback(partial(self._committed, waiting))
            except WriterStopped as error:
                waiting.set_exception(error)

    def _committed(self, waiting: "asyncio.Future[Any]", done: "Future[Any]") -> None:
        """On the writer's thread."""
        error = done.exception()
        self._completions.settle(waiting, None if error is not None else done.result(), error)
