"""Waiting on an event loop for what the writer's thread commits."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from delivery.reception.completions import Completions
from mail.store.write import Write
from mail.store.writer import Writer, WriterStopped

_QUIET_TURNS: Final = 5
"""Turns of the loop without anything to do, after which writes are handed in. They take some tens of
microseconds, in which clients nearby answer."""

_LONGEST_WAIT: Final = 0.01
"""Seconds, after which they are handed in though the loop is busy or more is expected."""


class Commits:
    """Hands writes in, and learns of those that were committed together at once. For one event loop.

    Writes go to the writer once the loop has nothing else to do and nothing is `expected`. Before that, each
    commit would have few messages, and its thread and the loop would take the interpreter from each other at
    each statement: for ten sessions that was a sixth of the processor time.
    """

    def __init__(self) -> None:
        self._wanted: list[tuple[asyncio.Future[Any], Writer, Write]] = []
        self._completions = Completions()
        self._expected = 0
        self._quiet_turns = 0
        self._looking = False
        self._late: asyncio.TimerHandle | None = None

    def submit(self, writer: Writer, write: Write) -> "asyncio.Future[Any]":
        """The result of the write after its commit, or what refused it; WriterStopped when it is too late."""
        waiting = self._completions.expect()
        if self._late is None:
            self._late = waiting.get_loop().call_later(_LONGEST_WAIT, self._hand_in)
        self._wanted.append((waiting, writer, write))
        self._begin_to_look(waiting.get_loop())
        return waiting

    def more_is_coming(self) -> None:
        """A client has brought a message forward, and may hand it in soon."""
        self._quiet_turns = 0

    @contextmanager
    def expected(self) -> Iterator[None]:
        """Inside, threads finish a message that will be handed in within some milliseconds."""
        self._expected += 1
        try:
            yield
        finally:
            self._expected -= 1
            self._begin_to_look(asyncio.get_running_loop())

    def _begin_to_look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._quiet_turns = 0
        if self._wanted and not self._looking:
            self._looking = True
            loop.call_soon(self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._quiet_turns += 1
        if self._quiet_turns <= _QUIET_TURNS and self._wanted:
            loop.call_soon(self._look, loop)
            return
        self._looking = False
        if not self._expected:
            self._hand_in()

    def _hand_in(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
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
