"""Results that are asked for again and again. Pure."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, TypeVar

from mail.dns.cache import AnswerCache, Key

V = TypeVar("V")

KEPT_SECONDS: Final = 60
KEPT_WITHOUT_ANSWER: Final = 5
"""Seconds; so that a name server that is silent does not hold up each of many messages."""


class RecentResults(Generic[V]):
    """Keeps results for a minute, and lets all who ask the same at the same time wait for one.

    `is_temporary` tells results that an answer was missing for. For one event loop.
    """

    def __init__(self, is_temporary: Callable[[V], bool], *, limit: int = 10_000) -> None:
        self._is_temporary = is_temporary
        self._known: AnswerCache[V] = AnswerCache(limit)
        self._running: dict[Key, asyncio.Task[V]] = {}

    def ask(self, key: Key, find: Callable[[], Coroutine[Any, Any, V]]) -> "V | asyncio.Task[V]":
        """The result, or the task that is finding it. `settled` waits for either."""
        known = self._known.get(key)
        if known is not None:
            return known
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(find())
            self._running[key] = task
            task.add_done_callback(lambda done: self._found(key, done))
        return task

    def _found(self, key: Key, task: "asyncio.Task[V]") -> None:
        self._running.pop(key, None)
        if not task.cancelled() and task.exception() is None:
            found = task.result()
            seconds = KEPT_WITHOUT_ANSWER if self._is_temporary(found) else KEPT_SECONDS
            self._known.put(key, found, seconds)


async def settled(asked: "V | asyncio.Task[V]") -> V:
    """The result of `RecentResults.ask`. Who stops waiting does not stop the others."""
    if isinstance(asked, asyncio.Task):
        found: V = await asyncio.shield(asked)
        return found
    return asked
