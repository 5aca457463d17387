"""The only source of time.

Moments are integers: microseconds since 1970-01-01 UTC, as the database stores them. Durations are
microseconds too. Tests move the clock instead of sleeping: in the same process with `advance`, in
child processes through the offset file that `follow` names.
"""

import datetime
import os
import time

Moment = int
"""Microseconds since the epoch, UTC."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_offset = 0
_offset_file: str | None = None


def now() -> Moment:
    """The present moment."""
    if _offset_file is None:
        return time.time_ns() // 1000 + _offset
    return time.time_ns() // 1000 + offset()


monotonic = time.monotonic
"""Seconds for measuring durations and network deadlines; never moved by tests."""


def as_datetime(moment: Moment) -> datetime.datetime:
    """The moment as an aware datetime in UTC."""
    return datetime.datetime.fromtimestamp(moment / SECOND, datetime.UTC)


def from_datetime(value: datetime.datetime) -> Moment:
    """The moment of an aware datetime."""
    return round(value.timestamp() * SECOND)


def offset() -> int:
    """Microseconds by which tests have moved this process's clock; 0 in real use."""
    if _offset_file is not None:
        return _offset + _read_offset(_offset_file)
    return _offset


def advance(microseconds: int) -> None:
    """Move the clock of this process. For tests."""
    global _offset
    _offset += microseconds


def reset() -> None:
    """Undo every `advance`. For tests."""
    global _offset
    _offset = 0


def follow(path: str | os.PathLike[str] | None) -> None:
    """Add the offset that stands in the file at `path`, read anew at each use. For processes under test."""
    global _offset_file
    _offset_file = None if path is None else os.fspath(path)


def _read_offset(path: str) -> int:
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read() or 0)
    except (FileNotFoundError, ValueError):
        return 0
