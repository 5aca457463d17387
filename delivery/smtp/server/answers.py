"""Writing replies."""

from collections.abc import Sequence

from mail.errors import Reply

_LONGEST_TEXT = 400
"""Characters of text on one line; a reply line has at most 512 bytes (RFC 5321 section 4.5.3.1.5)."""


def format_reply(reply: Reply) -> bytes:
    """The reply for the wire, on several lines when its text is long or has line breaks.

    The enhanced code stands on every line (RFC 2034 section 4). Characters other than printable ASCII
    become question marks, so that nothing quoted from a peer can end a line.
    """
    prefix, text = f"{reply.enhanced} " if reply.enhanced else "", reply.text
    if len(text) <= _LONGEST_TEXT and text.isascii() and text.isprintable():
        return f"{reply.code} {prefix}{text}\r\n".encode("ascii")
    lines = [prefix + part for line in text.splitlines() or [""] for part in _parts(line)]
    return format_lines(reply.code, lines)


def _parts(line: str) -> list[str]:
    text = "".join(character if " " <= character <= "~" else "?" for character in line)
    return [text[at : at + _LONGEST_TEXT] for at in range(0, len(text), _LONGEST_TEXT)] or [""]


def format_lines(code: int, lines: Sequence[str]) -> bytes:
    """A reply whose lines are ready (RFC 5321 section 4.2.1)."""
    first = "".join(f"{code}-{line}\r\n" for line in lines[:-1])
    return f"{first}{code} {lines[-1]}\r\n".encode("ascii")
