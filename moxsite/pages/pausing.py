"""Letting somebody wait for an answer."""

import threading
from typing import Final

MOST_WAITING: Final = 16
"""Each holds a thread; when so many wait already, the next ones are answered at once."""

_places = threading.Semaphore(MOST_WAITING)


def pause(seconds: float) -> None:
    """Wait, on the thread that Django gives each request."""
    if _places.acquire(blocking=False):
        try:
            threading.Event().wait(seconds)
        finally:
            _places.release()
