"""Text of strangers in lines that are safe to put into a message."""

import base64
import re
from collections.abc import Iterator

WIDTH = 76
LONGEST_LINE = 998
"""Bytes of a line without its end (RFC 5321 section 4.5.3.1.6)."""

LONGEST_TEXT = 2000
"""Characters of a stranger's text that are shown; a reply may have 64 KiB."""

_LONGEST_WORD = 200
_LINE_END = re.compile(rb"\r\n|\r|\n")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN_PUNCTUATION = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "→": "->"}
)


def printable(text: str, *, international: bool) -> str:
    """On one line, without control characters, in ASCII unless `international`; what is too long is cut."""
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT] + " [...]"
    line = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(line.split())
    if international:
        return line
    return line.translate(_PLAIN_PUNCTUATION).encode("ascii", "replace").decode()


def comment(text: str, *, international: bool) -> str:
    """As a comment in a structured field (RFC 5322 section 3.2.2), parentheses included."""
    return "(" + re.sub(r"([()\\])", r"\\\1", printable(text, international=international)) + ")"


def address_field(name: str, value: str) -> str:
    """A header field with an address: not folded, because spaces in a quoted localpart are part of it."""
    return f"{name}: {_CONTROLS.sub('?', value)}\r\n"


def field(name: str, value: str) -> str:
    """A header field, folded at its spaces, with its final line end."""
    lines = [f"{name}:"]
    for word in _short_words(value):
        if len(lines[-1]) + 1 + len(word) > WIDTH and lines[-1].strip() != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines) + "\r\n"


def _short_words(value: str) -> Iterator[str]:
    for word in value.split():
        for start in range(0, len(word), _LONGEST_WORD):
            yield word[start : start + _LONGEST_WORD]


def header_lines(content: bytes, limit: int) -> bytes:
    """The header that `content` begins with, in proper lines; what lies beyond `limit` bytes is left out."""
    cut = len(content) > limit
    lines = _LINE_END.split(content[:limit])
    if b"" in lines:
        lines = lines[: lines.index(b"")]
    elif cut:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def needs_base64(content: bytes) -> bool:
    """Whether the content can't go through mail servers as it is, even if they pass on 8-bit bytes."""
    return b"\0" in content or any(len(line) > LONGEST_LINE for line in content.split(b"\r\n"))


def encode_part(content: bytes, *, eight_bit_allowed: bool) -> tuple[str, bytes]:
    """The transfer encoding for a part, and the part in it: as it is where possible, else base64."""
    if needs_base64(content) or not (eight_bit_allowed or content.isascii()):
        return "base64", base64.encodebytes(content).replace(b"\n", b"\r\n")
    return "7bit" if content.isascii() else "8bit", content
