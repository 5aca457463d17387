"""Line ends of content on its way in: CR LF, and what is none though another server may take it for one."""

from typing import Final

LINE_END: Final = b"\r\n"

_LONG_LINE: Final = 40
"""Bytes on the average from which on lines are split off faster than their ends are counted."""


class LineEndWatch:
    """Remembers whether a lone CR or LF was among the content. Pieces must not end in half a CR LF."""

    def __init__(self) -> None:
        self.bare_cr = False
        self.bare_lf = False

    def note(self, content: bytes) -> None:
        """Look through the next piece."""
        if self.bare_cr and self.bare_lf:
            return
        returns, feeds = content.count(b"\r"), content.count(b"\n")
        pairs = _pairs(content, feeds)
        self.bare_cr = self.bare_cr or returns != pairs
        self.bare_lf = self.bare_lf or feeds != pairs


def _pairs(content: bytes, feeds: int) -> int:
    """How many CR LF there are. Splitting skips long lines, where counting looks at each of their bytes."""
    if feeds * _LONG_LINE < len(content):
        return len(content.split(LINE_END)) - 1
    return content.count(LINE_END)


def normalise_line_ends(content: bytes) -> bytes:
    """The content with every CR, LF and CR LF as CR LF. For pieces that end in no half of a CR LF."""
    if content.count(LINE_END) == content.count(b"\n") == content.count(b"\r"):
        return content
    return content.replace(LINE_END, b"\n").replace(b"\r", b"\n").replace(b"\n", LINE_END)
