"""Where in a source something is, and what can go wrong there."""

import unicodedata
from dataclasses import dataclass

_SHOWN = 300


@dataclass(slots=True)  # not frozen: made for each message
class Place:
    """Where in the source something is: the file (a member's path in an archive, cleaned for showing) and the
    byte in it, counted from 0 in its unfolded content."""

    file: str
    offset: int = 0

    def __str__(self) -> str:
        return f"{self.file}, at byte {self.offset}" if self.offset else self.file


class SourceError(Exception):
    """The source can't be read as a whole; nothing of it should be kept.

    The text is a sentence for people; together with the place it names the file and where in it.
    """

    def __init__(self, text: str, place: Place) -> None:
        super().__init__(f"{place}: {text}")
        self.text = text
        self.place = place


class MemberBroken(Exception):
    """One member of an archive can't be read (further); the others can. The text is a sentence for people."""


def shown(name: str) -> str:
    """A name from a source as it may be shown: one line, no controls, not endless."""
    if not name.isprintable():
        name = "".join("\ufffd" if unicodedata.category(letter) in _UNSEEN else letter for letter in name)
    return name if len(name) <= _SHOWN else f"{name[: _SHOWN // 2]}…{name[-_SHOWN // 2 :]}"


_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
