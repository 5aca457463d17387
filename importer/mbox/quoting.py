"""Undoing the ">" that mbox files have before lines which look like the start of a message."""

import re
from collections.abc import Iterable, Iterator

_BLANK_LINE = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,18})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def unquoted(text: bytes) -> bytes:
    """Whole lines without one ">" where there is any number of them before "From "."""
    return _QUOTED.sub(rb"\1", text) if b">From " in text else text


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


def has_exact_length(text: bytes, *, is_whole: bool) -> bool:
    """Whether a message says in Content-Length how long its body is, as programs do that quote nothing.

    Of a message that is not whole, only that it says something.
    """
    header_end = _BLANK_LINE.search(text)
    if header_end is None:
        return False
    found = _LENGTH.search(text, 0, header_end.start() + 1)
    # Programs do not agree on whether the blank line at the end counts.
    return found is not None and (not is_whole or abs(len(text) - header_end.end() - int(found[1])) <= 1)


def _undecided(line: bytes) -> bytes:
    """The end of an unfinished line that may become a quoted one, with one ">": one is taken off."""
    rest = line.lstrip(b">")
    if rest == line or not b"From ".startswith(rest) or rest == b"From ":
        return b""
    return b">" + rest
