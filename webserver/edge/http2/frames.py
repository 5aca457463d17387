"""A look at the frames that come, before they are read: how many there are of what kind. Pure.

Most attacks on HTTP/2 are many cheap frames: resets (CVE-2023-44487), CONTINUATION, PING, SETTINGS, empty
DATA. They are counted here for little, whatever the library makes of them.
"""

from dataclasses import dataclass
from typing import Final

from webserver.edge.http2.limits import ODD_FRAMES, ODD_FRAMES_PER_SECOND

LONGEST: Final = 16_384
"""Bytes of a frame: what holds unless something else was agreed on (RFC 9113 section 4.2)."""

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

_HEAD: Final = 9
_DATA, _HEADERS, _GOAWAY, _CONTINUATION = 0, 1, 7, 9
_END_STREAM, _END_HEADERS = 0x1, 0x4


class TooManyFrames(Exception):
    """The client sends more frames without use than anybody needs. The text is for the log."""


class FrameTooLong(Exception):
    """A frame is longer than we have allowed. The library would collect it before it says so."""


@dataclass(slots=True)
class Allowance:
    """Frames that may come: a bucket that fills up again with time, and with what we have sent."""

    left: float = ODD_FRAMES
    since: float = 0.0

    def take(self, now: float, cost: float) -> bool:
        """Whether there is room for so much more. `now` in seconds, on any clock."""
        if self.since:
            self.give((now - self.since) * ODD_FRAMES_PER_SECOND)
        self.since = now
        self.left -= cost
        return self.left >= 0

    def give(self, more: float) -> None:
        """Room for so much more."""
        self.left = min(ODD_FRAMES, self.left + more)


class FrameWatch:
    """The frames of one client. GOAWAY is taken out: the library would answer nothing any more after it."""

    def __init__(self) -> None:
        self.allowance = Allowance()
        self.in_header_block = False
        """Whether fields have begun to come, and their end is missing."""
        self.client_leaves = False
        """Whether the client has said GOAWAY."""
        self._preface = len(PREFACE)
        self._head = b""
        self._left = 0
        """Of the payload of a frame."""
        self._drops = False
        """Whether that frame is taken out."""

    def feed(self, data: bytes, now: float) -> bytes:
        """What the library shall see of this. Raises TooManyFrames and FrameTooLong."""
        size = len(data)
        position = min(self._preface, size)
        self._preface -= position
        passed = [data[:position]]
        while position < size:
            if self._left:
                end = min(size, position + self._left)
                if not self._drops:
                    passed.append(data[position:end])
                self._left -= end - position
                position = end
                continue
            end = min(size, position + _HEAD - len(self._head))
            self._head += data[position:end]
            position = end
            if len(self._head) == _HEAD:
                self._begin(self._head, now)
                if not self._drops:
                    passed.append(self._head)
                self._head = b""
        return b"".join(passed)

    def _begin(self, head: bytes, now: float) -> None:
        """A frame begins (RFC 9113 section 4.1)."""
        self._left = length = int.from_bytes(head[:3], "big")
        kind, flags = head[3], head[4]
        if length > LONGEST:
            raise FrameTooLong
        self._drops = kind == _GOAWAY
        self.client_leaves |= self._drops
        cost = 1.0
        if kind == _DATA and (length or flags & _END_STREAM):
            cost = 0.0 if length > 1 or flags & _END_STREAM else 0.1
        elif kind == _HEADERS:
            self.in_header_block = not flags & _END_HEADERS
            cost = 0.0
        elif kind == _CONTINUATION:
            self.in_header_block = not flags & _END_HEADERS
        if cost:
            self.count(_NAMES.get(kind, "unknown frames"), now, cost)

    def count(self, what: str, now: float, cost: float = 1.0) -> None:
        """Something without use has come. Raises TooManyFrames."""
        if not self.allowance.take(now, cost):
            raise TooManyFrames(what)


_NAMES: Final = {
    0: "empty DATA",
    2: "PRIORITY",
    3: "RST_STREAM",
    4: "SETTINGS",
    6: "PING",
    8: "WINDOW_UPDATE",
    9: "CONTINUATION",
}
