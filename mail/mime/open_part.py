"""A part whose end has not been seen yet."""

from dataclasses import dataclass, field

from mail.mime.part_fields import PartFields, read_part_fields
from mail.mime.part_index import Part

INNER_HEADER_LIMIT = 64 * 1024
OUTER_HEADER_LIMIT = 256 * 1024

_BOUNDARY_LIMIT = 500
_UNENCODED = frozenset(["", "7bit", "8bit", "binary"])
_MESSAGE_TYPES = frozenset(["message/rfc822", "message/global"])
_NOTHING_READ = read_part_fields(b"")


@dataclass(slots=True, eq=False)
class OpenPart:
    """What is known of a part while it is being read; see `Part` for the meaning of equal names.

    `number` is its position in the index and `level` how many parts enclose it. `prefix` is put before the
    numbers of its children. The body of a message gets its path when its type is known.
    """

    number: int
    parent: int
    level: int
    header_offset: int
    default_type: str
    prefix: str
    path: str = ""
    header: list[bytes] = field(default_factory=list)
    header_size: int = 0
    fields: PartFields = _NOTHING_READ
    body_offset: int = 0
    body_length: int = 0
    line_ends_before: int = 0
    lines: int | None = None
    children: int = 0
    delimiters: list[bytes] = field(default_factory=list)

    def collect_header(self, data: bytes) -> None:
        """Keep a piece of the header section, up to the limit."""
        limit = INNER_HEADER_LIMIT if self.level else OUTER_HEADER_LIMIT
        room = limit - self.header_size
        if room > 0 and data:
            self.header.append(data[:room])
            self.header_size += len(data)

    def begin_body(self, offset: int) -> None:
        """The header section is complete: read it, and settle the path."""
        self.fields = read_part_fields(b"".join(self.header), self.default_type)
        self.header.clear()
        self.body_offset = offset
        if not self.path:
            self.path = self.prefix + ("TEXT" if self.can_have_parts else "1")
            self.prefix = self.prefix if self.can_have_parts else self.path + "."

    @property
    def can_have_parts(self) -> bool:
        """Whether this is a multipart whose parts can be found."""
        return (
            self.fields.content_type.startswith("multipart/")
            and 0 < len(self.fields.boundary) <= _BOUNDARY_LIMIT
            and self.fields.encoding in _UNENCODED
        )

    @property
    def is_message(self) -> bool:
        """Whether the body is a message of its own that can be read."""
        return self.fields.content_type in _MESSAGE_TYPES and self.fields.encoding in _UNENCODED

    @property
    def wants_lines(self) -> bool:
        """Whether line ends of the body are counted."""
        return self.fields.content_type.startswith(("text/", "message/"))

    def finished(self) -> Part:
        """The part as the index keeps it."""
        return Part(
            path=self.path,
            parent=self.parent,
            header_offset=self.header_offset,
            body_offset=self.body_offset,
            body_length=self.body_length,
            content_type=self.fields.content_type,
            encoding=self.fields.encoding,
            charset=self.fields.charset,
            disposition=self.fields.disposition,
            filename=self.fields.filename,
            content_id=self.fields.content_id,
            lines=self.lines,
            boundary=self.fields.boundary.decode("utf-8", "replace"),
            flowed=self.fields.flowed,
            delete_space=self.fields.delete_space,
        )
