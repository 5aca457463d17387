"""Messages as Apple Mail keeps them: a line with the length, the message, and a property list about it."""

import plistlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from xml.parsers.expat import ExpatError

from importer.archive.place import MemberBroken
from mail import clock
from mail.mailformats.flags import MessageFlags

_LONGEST_NUMBER = 15
_LONGEST_LIST = 64 * 1024
_READ, _DELETED, _ANSWERED, _FLAGGED, _DRAFT = 1 << 0, 1 << 1, 1 << 2, 1 << 4, 1 << 6
_KEYWORDS = {1 << 8: "$Forwarded", 1 << 24: "$Junk", 1 << 25: "$NotJunk"}


@dataclass(frozen=True, slots=True)
class AppleState:
    """What the property list says."""

    flags: MessageFlags
    received: clock.Moment | None


class AppleMessage:
    """One file, read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._list = bytearray()
        self.is_read = False
        """Whether the message has been read to its end, and `state` is known."""

    def message(self) -> Iterator[bytes]:
        """The message alone. Raises MemberBroken."""
        start = b""
        while b"\n" not in start and len(start) <= _LONGEST_NUMBER and (piece := next(self._pieces, b"")):
            start += piece
        line, _, rest = start.partition(b"\n")
        number = line[: 2 * _LONGEST_NUMBER].strip()
        if not number.isdigit() or len(number) > _LONGEST_NUMBER:
            raise MemberBroken("It is no message of Apple Mail: it does not begin with its length.")
        left = int(number)
        for piece in chain((rest,), self._pieces):
            if own := piece[:left]:
                left -= len(own)
                yield own
            self._list += piece[len(own) :][: _LONGEST_LIST - len(self._list)]
        if left:
            raise MemberBroken("It is cut off: the file ends in the middle of the message.")
        self.is_read = True

    def state(self) -> AppleState:
        """Flags and time of receipt; of a list that can't be read there are none."""
        try:
            found = plistlib.loads(bytes(self._list))
        except (ValueError, ExpatError, LookupError, TypeError, AttributeError, OverflowError):
            found = None
        if not isinstance(found, dict):
            found = {}
        return AppleState(_flags(found.get("flags")), _received(found.get("date-received")))


def _flags(number: object) -> MessageFlags:
    if not isinstance(number, int):
        return MessageFlags()
    return MessageFlags(
        seen=bool(number & _READ),
        answered=bool(number & _ANSWERED),
        flagged=bool(number & _FLAGGED),
        draft=bool(number & _DRAFT),
        deleted=bool(number & _DELETED),
        keywords=frozenset(word for bit, word in _KEYWORDS.items() if number & bit),
    )


def _received(seconds: object) -> clock.Moment | None:
    return int(seconds) * clock.SECOND if isinstance(seconds, int) else None
