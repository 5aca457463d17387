"""Blocking calls beside an event loop, in threads that nobody waits for when the process ends."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class DaemonThreads:
    """At most `limit` calls at a time, each in a thread of its own. For one event loop."""

    def __init__(self, limit: int) -> None:
        self._turn = asyncio.Semaphore(limit)

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What the function gives or raises. It goes on when the caller is cancelled."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[R] = loop.create_future()

        def call() -> None:
            try:
                value = function(*args, **kwargs)
            except BaseException as error:
                settle(result.set_exception, error)
            else:
                settle(result.set_result, value)

        def settle(how: Callable[[R], None] | Callable[[BaseException], None], value: object) -> None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(lambda: result.done() or how(value))  # type: ignore[arg-type]

        async with self._turn:
            threading.Thread(target=call, name="mta-sts", daemon=True).start()
            return await result
