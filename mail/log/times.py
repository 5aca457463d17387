"""Moments as log lines have them (RFC 3339, in UTC, with milliseconds)."""

import time
from functools import lru_cache

from mail import clock


def log_time(moment: clock.Moment) -> str:
    """Such as 2026-11-28T22:26:48.641Z. What is the same for all lines of a second is written once."""
    return _with_milliseconds(moment // 1000)


@lru_cache(maxsize=2)
def _with_milliseconds(milliseconds: int) -> str:
    second, rest = divmod(milliseconds, 1000)
    return f"{_second(second)}.{rest:03}Z"


@lru_cache(maxsize=4)
def _second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
