"""Knowing when an event loop has nothing else to do."""

import asyncio
from collections.abc import Callable


class Quiet:
    """Calls back when the loop had nothing to do for some turns, or after a while. For one event loop only.

    An idle turn takes some microseconds, in which peers nearby may answer.
    """

    def __init__(
        self,
        call: Callable[[], None],
        *,
        turns: int,
        seconds: float,
        enough: Callable[[], bool] = lambda: True,
    ) -> None:
        """`seconds` is the longest wait; until then no call is made while `enough` says that quiet is not."""
        self._call = call
        self._turns = turns
        self._seconds = seconds
        self._enough = enough
        self._passed = 0
        self._looking = False
        self._late: asyncio.TimerHandle | None = None

    def want(self) -> None:
        """Call back once."""
        if self._late is None:
            self._late = asyncio.get_running_loop().call_later(self._seconds, self.call_now)
        self.look_again()

    def look_again(self) -> None:
        """Something has happened: the turns are counted from here, if a call is wanted."""
        self._passed = 0
        if self._late is not None and not self._looking:
            self._looking = True
            loop = asyncio.get_running_loop()
            loop.call_soon(self._look, loop)

    def call_now(self) -> None:
        """Make the call that is wanted, or one that is not."""
        if self._late is not None:
            self._late.cancel()
            self._late = None
        self._call()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._passed += 1
        if self._passed <= self._turns and self._late is not None:
            loop.call_soon(self._look, loop)
            return
        self._looking = False
        if self._late is not None and self._enough():
            self.call_now()
