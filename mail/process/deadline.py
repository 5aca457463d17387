"""Time-outs that are moved thousands of times a second and hardly ever come."""

import asyncio
import math
from collections.abc import Callable
from typing import Final

NEVER: Final = math.inf


def _nothing() -> None:
    """Nobody waits any more."""


class Deadline:
    """Calls back when something did not happen in time.

    Moving it costs no timer: one that goes off too early is set anew.
    """

    __slots__ = ("_late", "_loop", "_timer", "_timer_at", "at")

    def __init__(self, loop: asyncio.AbstractEventLoop, late: Callable[[], None]) -> None:
        self._loop = loop
        self._late = late
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = NEVER
        self.at = NEVER
        """The moment on the loop's clock; may be set to NEVER."""

    def within(self, seconds: float) -> None:
        """It must happen within so many seconds from now."""
        self.by(self._loop.time() + seconds)

    def by(self, moment: float) -> None:
        """It must happen before this moment of the loop's clock."""
        self.at = moment
        if moment < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._set_timer(moment)

    def end(self) -> None:
        """Let go of timer and callback, which holds what has the deadline."""
        self.at, self._late = NEVER, _nothing
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._timer_at = None, NEVER

    def _set_timer(self, moment: float) -> None:
        self._timer_at = moment
        self._timer = self._loop.call_at(moment, self._time_is_up)

    def _time_is_up(self) -> None:
        self._timer, self._timer_at = None, NEVER
        if self.at == NEVER:
            return
        if self._loop.time() < self.at:
            self._set_timer(self.at)
        else:
            self._late()
