"""Header sections as bytes: splitting them off a message, reading fields, removing fields.

Nothing is re-folded, re-encoded or reordered: what is not removed leaves as it came (RFC 5322 section 2.2).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from mail.errors import MailError

HEADER_LIMIT = 256 * 1024
"""The largest header section accepted, in bytes."""

FIRST_LINE_LIMIT = 2000
"""Bytes of a first line that are enough to tell whether it starts a field."""

# One field with its folded lines: the raw bytes, the name, and the colon that makes it a field. White space
# before the colon is obsolete syntax (RFC 5322 section 4.5) and must not hide a Bcc from its removal.
_FIELD = re.compile(rb"(([!-9;-~]*)[ \t]*(:?)[^\n]*(?:\n[ \t][^\n]*)*\n?)")
_FOLD = (b" ", b"\t")
_BLANKS = b" \t"
_COLON = ord(":")
_FIRST_LINE = re.compile(rb"[!-9;-~]{1,998}[ \t]{0,998}:|>?From ")
_BLANK_LINE = re.compile(rb"\n(\r?\n)")

Removal = Iterable[str] | Callable[[str, bytes], bool]


def starts_header_section(data: bytes | bytearray) -> bool:
    """Whether a message that starts with `data` has a header section.

    It has one when its first line is a field, or the "From " line that old programs leave there. Without one
    the whole message is body. The first `FIRST_LINE_LIMIT` bytes or the first line are enough.
    """
    return _FIRST_LINE.match(data, 0, FIRST_LINE_LIMIT) is not None


class HeaderBlock:
    """The fields of one header section, in order, with their exact bytes.

    A line that is no field (no colon, no name, forbidden characters in the name) is kept in its place; no
    name reaches it.
    """

    __slots__ = ("_block", "_fields", "_index", "_lower")

    def __init__(self, block: bytes) -> None:
        self._block = block
        self._fields: list[tuple[bytes, bytes, bytes]] | None = None
        self._index: dict[bytes, list[int]] | None = None
        self._lower = b""

    @classmethod
    def parse(cls, block: bytes) -> "HeaderBlock":
        """The fields of `block`, which is a header section without the blank line that ends it."""
        return cls(block)

    @property
    def fields(self) -> list[bytes]:
        """The raw fields and malformed lines, in order; joined they are the block."""
        return [raw for raw, _, _ in self._split()]

    def split(self) -> "HeaderBlock":
        """Itself, with its fields found now and not when they are first asked for."""
        self._split()
        return self

    def __bytes__(self) -> bytes:
        return self._block

    def __contains__(self, name: str) -> bool:
        return self._value_at(_key(name)) > 0

    def has_any(self, names: Iterable[bytes]) -> bool:
        """Whether there is a field of one of these names, which are in lower case."""
        return any(self._value_at(b"\n" + name) for name in names)

    def get(self, name: str) -> bytes | None:
        """The unfolded value of the first field called `name` (any case), or None."""
        start = self._value_at(_key(name))
        if not start:
            return None
        block = self._block
        end = block.find(b"\n", start)
        if end < 0:
            return block[start:].strip(b" \t\r\n")
        if not block.startswith(_FOLD, end + 1):
            return block[start:end].strip(b" \t\r\n")
        while end >= 0 and block.startswith(_FOLD, end + 1):
            end = block.find(b"\n", end + 1)
        return _unfolded(block[start:] if end < 0 else block[start:end])

    def get_all(self, name: str) -> list[bytes]:
        """The unfolded values of all fields called `name` (any case), in order."""
        if name not in self:
            return []
        key = name.lower().encode()
        return [_value(raw) for raw, found, colon in self._split() if found.lower() == key and colon]

    def without(self, removal: Removal) -> bytes:
        """The bytes of the block without some fields; `removal` as for `reduced`."""
        return bytes(self.reduced(removal))

    def reduced(self, removal: Removal) -> "HeaderBlock":
        """The block without some fields.

        `removal` is a set of names in any case, or a function of the lower case name and the unfolded value
        that says whether a field goes.
        """
        fields = self._split()
        if callable(removal):
            gone = {
                position
                for name, positions in self._positions().items()
                for position in positions
                if removal(name.decode("ascii"), _value(fields[position][0]))
            }
        else:
            index = self._positions()
            gone = {position for name in removal for position in index.get(name.lower().encode(), ())}
        return HeaderBlock(b"".join(raw for i, (raw, _, _) in enumerate(fields) if i not in gone))

    def _split(self) -> list[tuple[bytes, bytes, bytes]]:
        if self._fields is None:
            self._fields = _FIELD.findall(self._block)
            self._fields.pop()  # the pattern also matches the empty string at the end
        return self._fields

    def _value_at(self, key: bytes) -> int:
        """Where the value starts of the first field whose name `key` has behind a line end; 0 without one.

        To look for the few fields that somebody asks for is less work than to look at each field.
        """
        lower = self._lower
        if not lower:
            lower = self._lower = b"\n" + self._block.lower() + b"\n"
        at = lower.find(key)
        while at >= 0:
            end = at + len(key)
            while lower[end] in _BLANKS:
                end += 1
            if lower[end] == _COLON:
                return end
            at = lower.find(key, end)
        return 0

    def _positions(self) -> dict[bytes, list[int]]:
        if self._index is None:
            index: dict[bytes, list[int]] = {}
            for position, (_, name, colon) in enumerate(self._split()):
                if colon and name:
                    index.setdefault(name.lower(), []).append(position)
            self._index = index
        return self._index


@lru_cache(maxsize=256)
def _key(name: str) -> bytes:
    return b"\n" + name.lower().encode()


def _value(raw: bytes) -> bytes:
    return _unfolded(raw[raw.find(b":") + 1 :])


def _unfolded(value: bytes) -> bytes:
    value = value.strip(b" \t\r\n")
    if b"\n" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"")
    return value


@dataclass(frozen=True, slots=True)
class HeaderSection:
    """A message cut behind its header section: `block + separator + body` are the bytes that were fed.

    `block` holds the fields; it is empty when the message has none. `separator` is the blank line, empty when
    there is none: who puts fields before such a message that has a body adds one. `body` is what has been fed
    behind it so far.
    """

    block: bytes
    separator: bytes
    body: bytes


class HeaderSplitter:
    """Finds the end of the header section while a message arrives.

    A message whose first line is no field has no header section. Raises MailError 552 from `feed` and
    `finish` when the section is larger than `limit` bytes.
    """

    def __init__(self, limit: int = HEADER_LIMIT) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._searched = 0
        self._has_fields = False

    def feed(self, data: bytes) -> HeaderSection | None:
        """Take the next bytes. The result is None until the end has been found; feed nothing after it."""
        self._buffer += data
        if not self._has_fields:
            section = self._without_fields(final=False)
            if section is not None or not self._has_fields:
                return section
        return self._search()

    def finish(self) -> HeaderSection:
        """The message ended before `feed` gave a result."""
        if not self._has_fields:
            section = self._without_fields(final=True)
            if section is not None:
                return section
        section = self._search()
        return section or HeaderSection(self._checked(len(self._buffer)), b"", b"")

    def _without_fields(self, *, final: bool) -> HeaderSection | None:
        buffer = self._buffer
        if b"\n" not in buffer[:FIRST_LINE_LIMIT] and len(buffer) < FIRST_LINE_LIMIT and not final:
            return None
        for separator in (b"\r\n", b"\n"):
            if buffer.startswith(separator):
                return HeaderSection(b"", separator, bytes(buffer[len(separator) :]))
        if not starts_header_section(buffer):
            return HeaderSection(b"", b"", bytes(buffer))
        self._has_fields = True
        return None

    def _search(self) -> HeaderSection | None:
        found = _BLANK_LINE.search(self._buffer, self._searched)
        if found is not None:
            block = self._checked(found.start(1))
            return HeaderSection(block, bytes(found[1]), bytes(self._buffer[found.end() :]))
        if len(self._buffer) > self._limit + 2:
            self._checked(len(self._buffer))
        self._searched = max(0, len(self._buffer) - 2)
        return None

    def _checked(self, length: int) -> bytes:
        if length > self._limit:
            raise MailError(552, "5.3.4", f"the message header is larger than {self._limit // 1024} KiB")
        return bytes(self._buffer[:length])
