"""Handing what comes on an event loop to a thread, together."""

import asyncio
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Final

_LONGEST_WAIT: Final = 0.003
"""Seconds."""

Submit = Callable[["Future[Any]"], object]
"""Hands something in, and with it the future that tells what came of it."""


class HandingIn:
    """What some bring to be written waits until each of them has brought something, or for milliseconds.

    They go on when it is written, all at about the same time, so that one commit has what all of them bring.
    Each commit costs more than what it has of one write, and keeps all others of the database waiting. For
    one event loop only.
    """

    def __init__(self) -> None:
        self._members: set[Hashable] = set()
        self._awaited: set[Hashable] = set()
        """Those that have brought nothing since the last time."""
        self._brought: list[tuple[Submit, Future[Any]]] = []
        self._late: asyncio.TimerHandle | None = None
        self._closed = False

    @contextmanager
    def joined(self, member: Hashable) -> Iterator[None]:
        """Inside, the others wait for what it brings."""
        self._members.add(member)
        self._awaited.add(member)
        try:
            yield
        finally:
            self._members.discard(member)
            self._no_longer_await(member)

    def add(self, member: Hashable, submit: Submit) -> "Future[Any]":
        """Call `submit` soon, on the loop; what it raises is the future's too."""
        future: Future[Any] = Future()
        self._brought.append((submit, future))
        if self._late is None and not self._closed:
            self._late = asyncio.get_running_loop().call_later(_LONGEST_WAIT, self._hand_in)
        self._no_longer_await(member)
        return future

    def close(self) -> None:
        """The loop ends: hand in what waits, and from now on each at once."""
        self._closed = True
        self._hand_in()

    def _no_longer_await(self, member: Hashable) -> None:
        self._awaited.discard(member)
        if self._brought and (self._closed or not self._awaited):
            self._hand_in()

    def _hand_in(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        self._awaited = set(self._members)
        brought, self._brought = self._brought, []
        for submit, future in brought:
            try:
                submit(future)
            except Exception as error:
                future.set_exception(error)
