"""What differs between two configurations, line by line."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST_LINES: Final = 4000
"""On each side that are compared; what is more is not shown."""
_CONTEXT: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a comparison. `sign` is +, - or a blank; @ stands for lines that are left out."""

    sign: str
    text: str


def compare(old: str, new: str) -> list[Line]:
    """The lines that differ and some around them. Long files cost no more than what differs in them."""
    before, after = old.splitlines(), new.splitlines()
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    start, end = max(start - _CONTEXT, 0), max(end - _CONTEXT, 0)
    before, after = before[start : len(before) - end], after[start : len(after) - end]
    cut = max(len(before), len(after)) > MOST_LINES
    lines = list(_lines(before[:MOST_LINES], after[:MOST_LINES]))
    return [*lines, Line("@", "and more, which is not compared")] if cut else lines


def _alike(before: list[str], after: list[str]) -> int:
    """How many lines at the beginning are the same."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count


def _lines(before: list[str], after: list[str]) -> Iterator[Line]:
    for text in difflib.unified_diff(before, after, n=_CONTEXT, lineterm=""):
        if text.startswith(("---", "+++")) and not text[3:].strip():
            continue
        if text.startswith("@@"):
            yield Line("@", "…")
        else:
            yield Line(text[0], text[1:])
