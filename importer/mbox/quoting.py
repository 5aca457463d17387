"""Undoing the ">" that mbox files have before lines which look like the start of a message."""

import re
from collections.abc import Iterable, Iterator

_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def unquoted(text: bytes) -> bytes:
    """Whole lines without one ">" where there is any number of them before "From "."""
    # Looking for one byte is many times faster than for five; every header has it in its addresses. And five
    # are found faster than six, of which the last is a blank.
    body = text.find(b"\n\n") + 1
    is_clean = text.find(b">From", 0, body) < 0 and (
        text.find(b">", body) < 0 or text.find(b">From", body) < 0
    )
    return text if is_clean else _QUOTED.sub(rb"\1", text)


def unquoted_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same for a text cut anywhere, with lines of any length."""
    held = b""
    at_line_start = True
    for piece in pieces:
        data = held + piece
        line = data.rfind(b"\n") + 1
        held = _undecided(data[line:]) if line or at_line_start else b""
        done = data[: len(data) - len(held)]
        start = 0 if at_line_start else done.find(b"\n") + 1 or len(done)
        if b">From " in done:
            done = done[:start] + unquoted(done[start:])
        if done:
            yield done
        at_line_start = bool(held) or data.endswith(b"\n")
    if held:
        yield held


def _undecided(line: bytes) -> bytes:
    """The end of an unfinished line that may become a quoted one, with one ">": one is taken off."""
    rest = line.lstrip(b">")
    if rest == line or not b"From ".startswith(rest) or rest == b"From ":
        return b""
    return b">" + rest
