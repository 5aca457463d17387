"""The hash over a message body as DKIM wants it, computed while the body passes by. Pure.

Memory is bounded whatever arrives: at most two bytes are held back.
"""

import hashlib
from typing import Final, Literal

Canonicalization = Literal["simple", "relaxed"]
HashName = Literal["sha256", "sha1"]

_LINE_END: Final = b"\r\n"


class BodyShorterThanSigned(ValueError):
    """The canonical body has fewer bytes than the signature's l= counts (RFC 6376 section 3.5)."""


class BodyHash:
    """One body hash (bh= of RFC 6376 section 3.7). Feed the body, which is what follows the blank line.

    `length` is the l= of a signature: only so many canonical bytes are hashed. Lines end with CR LF; a CR or
    LF alone is a character like any other.
    """

    def __init__(
        self, canonicalization: Canonicalization, hash_name: HashName = "sha256", length: int | None = None
    ) -> None:
        self._relaxed = canonicalization == "relaxed"
        self._length = length
        self._held = b""
        self._hash = hashlib.new(hash_name)
        self._size = 0
        # As it was behind the last line that is not empty: empty lines count only when more follows them.
        self._ended_hash = self._hash.copy()
        self._ended_size = 0

    def update(self, data: bytes) -> None:
        """Take in the next bytes of the body."""
        text = self._held + data
        if self._relaxed:
            text = _one_space(text)
            text, self._held = _hold_back(text)
            text = text.replace(b" \r\n", _LINE_END)
        else:
            text, self._held = (text[:-1], b"\r") if text.endswith(b"\r") else (text, b"")
        self._absorb(text)

    @property
    def is_whole(self) -> bool:
        """Whether the hash is over all of the body, once it is complete."""
        return self._length is None or self._length >= self.size

    @property
    def size(self) -> int:
        """Bytes of the canonical body, once it is complete."""
        return self._ended_size + (len(_LINE_END) if self._ended_size or not self._relaxed else 0)

    def digest(self) -> bytes:
        """The hash, once the body is complete.

        Raises BodyShorterThanSigned.
        """
        self._absorb(self._held.rstrip(b" ") if self._relaxed else self._held)
        self._held = b""
        if self._length is not None and self._length > self.size:
            raise BodyShorterThanSigned(f"{self.size} bytes, {self._length} signed")
        ended = self._ended_hash.copy()
        if self.size > self._ended_size:
            ended.update(self._within_length(_LINE_END, self._ended_size))
        return ended.digest()

    def _absorb(self, text: bytes) -> None:
        kept = len(text) - _empty_lines(text)
        if kept:
            self._add(text[:kept])
            self._ended_hash, self._ended_size = self._hash.copy(), self._size
        if kept < len(text):
            self._add(text[kept:])

    def _add(self, text: bytes) -> None:
        self._hash.update(self._within_length(text, self._size))
        self._size += len(text)

    def _within_length(self, text: bytes, position: int) -> bytes:
        if self._length is None:
            return text
        return text[: max(0, self._length - position)]


def _one_space(text: bytes) -> bytes:
    """Every run of spaces and tabs as one space."""
    if b"\t" in text:
        text = text.replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")  # each pass halves the runs
    return text


def _hold_back(text: bytes) -> tuple[bytes, bytes]:
    """The text without what may turn out to be white space before a line's end, and that."""
    end = len(text)
    if text.endswith(b"\r"):
        end -= 1
    if text.endswith(b" ", 0, end):
        end -= 1
    return text[:end], text[end:]


def _empty_lines(text: bytes) -> int:
    """How many bytes of CR LF pairs are at the end."""
    ends = text[len(text.rstrip(_LINE_END)) :]
    # The pairs begin behind the last place where CR and LF do not alternate.
    start = max(ends.rfind(b"\n\n"), ends.rfind(b"\r\r")) + 1
    if ends.startswith(b"\n", start):
        start += 1
    if not ends.endswith(b"\n"):
        return 0
    return len(ends) - start
