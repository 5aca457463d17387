"""Waiting for what another process does, without sleeping longer than needed."""

import threading
from collections.abc import Callable

from mail import clock


def wait_until(happened: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Return as soon as `happened()` is true. Fails the test after `seconds`, saying what did not happen."""
    deadline = clock.monotonic() + seconds
    never = threading.Event()
    while not happened():
        assert clock.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        never.wait(0.02)
