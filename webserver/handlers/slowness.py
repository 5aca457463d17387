"""Regular expressions that a hostile path could keep busy for ages.

Python's engine goes back and tries again; with repetitions within repetitions each more character doubles the
work, on the event loop, with everybody waiting. Found by trying: short paths that almost match.
"""

import re
import time
from collections.abc import Iterator
from typing import Final

_LENGTHS: Final = (10, 14, 18, 22)
_TOO_LONG: Final = 20_000_000
"""Nanoseconds of processor time; what is harmless needs a thousandth of that."""
_ALWAYS: Final = "a0/-."
_MOST_CHARACTERS: Final = 40


def slow_path(pattern: re.Pattern[str]) -> str:
    """A path for which the pattern takes far too long; "" when none is found."""
    for text in _characters(pattern.pattern):
        for length in _LENGTHS:
            for path in (text * length + "\0", "/" + text * length + "\0"):
                begun = time.thread_time_ns()  # how much work it is, not when
                pattern.search(path)
                if time.thread_time_ns() - begun > _TOO_LONG:
                    return path[:-1] + "!"
    return ""


def _characters(text: str) -> Iterator[str]:
    """What repetitions may be about: characters of the pattern, and some that classes contain."""
    letters = dict.fromkeys([*_ALWAYS, *re.findall(r"[\w~!@%&=:,;/-]", text)])
    yield from list(letters)[:_MOST_CHARACTERS]
