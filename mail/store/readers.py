"""A few threads for reading the database away from event loops."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

READERS = 3
_pool: ThreadPoolExecutor | None = None
_starting = threading.Lock()


def run(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> "Future[R]":
    """Call `function` in a reader thread. It must not write and must not hold a transaction open."""
    global _pool
    if _pool is None:
        with _starting:
            if _pool is None:
                _pool = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
    return _pool.submit(partial(_call, function, *args, **kwargs))


def stop_readers() -> None:
    """Wait for what runs and close the connections. A later `run` starts new threads."""
    global _pool
    with _starting:
        if _pool is None:
            return
        barrier = threading.Barrier(READERS)
        for _ in range(READERS):
            _pool.submit(_close, barrier)
        _pool.shutdown(wait=True)
        _pool = None


def _call(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return function(*args, **kwargs)
    except (OperationalError, InterfaceError):
        # The server may have closed the connection. Reading again does no harm.
        connection.close()
        return function(*args, **kwargs)


def _close(barrier: threading.Barrier) -> None:
    barrier.wait(timeout=60)
    connection.close()
