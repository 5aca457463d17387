"""The MIME tree of one message as offsets into its raw content."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from operator import attrgetter

VERSION = 1
"""Of the form for storing."""

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message. Offsets and lengths count bytes of the raw content.

    `path` is the section number IMAP uses (RFC 3501 section 6.4.5): "1" for the body of a message without
    parts, "1.2" for the second part of the first one. A multipart that is itself the body of a message is
    "TEXT", or "2.TEXT" in the message that is part 2. `parent` is the position of the enclosing part in the
    index, -1 for the outermost.

    `body_length` leaves out the line break before a boundary; the body of a multipart reaches from its
    preamble to its epilogue. `lines` counts line ends in the body of text and message parts and is None for
    others. `charset` and `encoding` (Content-Transfer-Encoding) are in lower case and empty when missing,
    `content_id` has no angle brackets, `filename` comes from the disposition or the name parameter.
    """

    path: str
    parent: int
    header_offset: int
    body_offset: int
    body_length: int
    content_type: str = "text/plain"
    encoding: str = ""
    charset: str = ""
    disposition: str = ""
    filename: str = ""
    content_id: str = ""
    lines: int | None = None
    boundary: str = ""
    flowed: bool = False
    delete_space: bool = False

    @property
    def header_length(self) -> int:
        """Bytes of the header section with the blank line behind it."""
        return self.body_offset - self.header_offset

    @property
    def body_end(self) -> int:
        """The offset behind the body."""
        return self.body_offset + self.body_length

    @property
    def is_multipart(self) -> bool:
        """Whether the part says that it holds others; without a usable boundary it has none all the same."""
        return self.content_type.startswith("multipart/")

    @property
    def is_attachment(self) -> bool:
        """Whether people expect to find the part among the attachments."""
        return self.disposition == "attachment" or bool(self.filename and self.disposition != "inline")


@dataclass(frozen=True, slots=True)
class PartIndex:
    """All parts of a message in the order of their headers, so that a parent stands before its children.

    `size` is the length of the raw content. `truncated` says that the message has more parts than were
    indexed.
    """

    size: int
    parts: tuple[Part, ...]
    truncated: bool = False

    def part(self, path: str) -> Part | None:
        """The part with this path."""
        return next((part for part in self.parts if part.path == path), None)

    def children(self, parent: int) -> Iterator[tuple[int, Part]]:
        """Positions and parts directly inside the part at position `parent`."""
        return ((position, part) for position, part in enumerate(self.parts) if part.parent == parent)

    def to_bytes(self) -> bytes:
        """A compact form for storing."""
        value = [VERSION, self.size, int(self.truncated), [row_of(part) for part in self.parts]]
        return encode(value).encode("utf-8")

    @classmethod
    def from_bytes(cls, data: bytes) -> "PartIndex":
        """The index that `to_bytes` stored.

        Raises ValueError when `data` is nothing of that kind or of a newer version.
        """
        value = json.loads(data)
        match value:
            case [int(version), int(size), int(truncated), list(rows)] if version == VERSION:
                return cls(size, tuple(_part(row) for row in rows), bool(truncated))
        raise ValueError("not a part index of a known version")


_DEFAULTS = tuple(field.default for field in fields(Part))
_values = attrgetter(*(field.name for field in fields(Part)))
_TYPES = (str, int, int, int, int, str, str, str, str, str, str, int | None, str, int, int)
REQUIRED = 5
"""Values that every row has: path, parent, where header and body start, and the length of the body."""


def row_of(part: Part) -> list[object]:
    """A part as it is stored: its values in order, without defaults at the end."""
    row = [int(value) if isinstance(value, bool) else value for value in _values(part)]
    while len(row) > REQUIRED and row[-1] == _DEFAULTS[len(row) - 1]:
        row.pop()
    return row


def _part(row: object) -> Part:
    if not isinstance(row, list) or not REQUIRED <= len(row) <= len(_TYPES):
        raise ValueError("not a part of a part index")
    if not all(isinstance(value, kind) for value, kind in zip(row, _TYPES, strict=False)):
        raise ValueError("a part index has a value of the wrong type")
    flags = len(_TYPES) - 2
    return Part(*row[:flags], *map(bool, row[flags:]))
