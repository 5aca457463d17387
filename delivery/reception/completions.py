"""Telling an event loop what threads have finished."""

import asyncio
from collections import deque
from typing import Any


class Completions:
    """Settles futures of one event loop, and wakes it once for all that is done by then."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._done: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._waking = False

    def expect(self) -> "asyncio.Future[Any]":
        """What a thread will settle; called on the event loop."""
        self._loop = loop = asyncio.get_running_loop()
        return loop.create_future()

    def settle(
        self, waiting: "asyncio.Future[Any]", result: Any = None, error: BaseException | None = None
    ) -> None:
        """Called on any thread. Put in first, then looked at: so nothing stays behind unseen."""
        self._done.append((waiting, result, error))
        if self._waking or self._loop is None:
            return
        self._waking = True
        try:
            self._loop.call_soon_threadsafe(self._hand_out)
        except RuntimeError:
            pass  # the loop is closed: nobody waits any more

    def _hand_out(self) -> None:
        self._waking = False
        while self._done:
            waiting, result, error = self._done.popleft()
            if waiting.done():
                continue  # whoever waited has been cancelled
            if error is not None:
                waiting.set_exception(error)
            else:
                waiting.set_result(result)
