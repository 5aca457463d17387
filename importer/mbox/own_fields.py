"""The fields that moxsite itself puts before each message of an mbox file it writes."""

import re
from dataclasses import dataclass
from functools import lru_cache

from mail.mailformats.flags import MessageFlags
from mail.mailformats.keywords import is_keyword

_FIELDS = re.compile(
    rb"Status: (R?)O\r?\nX-Status: (A?F?T?D?)\r?\nX-Keywords: ([!-~]*)\r?\n(\r?\n)?",
)


@dataclass(slots=True)  # not frozen: made for each message
class OwnFields:
    """What they say, and where they end.

    `is_bare` when the message behind them has no header section: a blank line was written for ours.
    """

    flags: MessageFlags
    end: int
    is_bare: bool


def own_fields(text: bytes, start: int) -> OwnFields | None:
    """The fields at `start`, None when there are others or none. Those of the same names that follow are the
    message's own."""
    found = _FIELDS.match(text, start)
    if found is None:
        return None
    seen, letters, keywords, blank = found.groups()
    return OwnFields(_flags(seen + letters, keywords), found.end(), blank is not None)


@lru_cache(maxsize=256)
def _flags(letters: bytes, keywords: bytes) -> MessageFlags:
    """Many messages have the same."""
    return status_flags(letters, keywords.decode("ascii").split(","))


def status_flags(letters: bytes, keywords: list[str]) -> MessageFlags:
    """The flags for letters of Status and X-Status."""
    return MessageFlags(
        seen=b"R" in letters,
        answered=b"A" in letters,
        flagged=b"F" in letters,
        draft=b"T" in letters,
        deleted=b"D" in letters,
        keywords=frozenset(filter(is_keyword, keywords)),
    )
