"""Tar archives as streams of members."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from importer.archive.budgets import Meter
from importer.archive.member import Member, MemberKind
from importer.archive.names import decoded
from importer.archive.place import Place, SourceError, shown
from importer.archive.stream import ByteStream
from importer.archive.tar_header import BLOCK, ZEROS, BadHeader, TarHeader, apply_pax, parse_header, parse_pax
from mail import clock

_EXTENSION_LIMIT = 1024 * 1024
_FILES = (b"0", b"\0", b"7")
_OTHERS = {
    b"1": "It is a second name of the file “{}”, without content of its own.",
    b"2": "It is a link to “{}”.",
    b"3": "It is a device.",
    b"4": "It is a device.",
    b"6": "It is a pipe.",
    b"S": "It is a file with holes, which is not supported.",
}


@dataclass(slots=True)
class _Extensions:
    """What extended headers said about members to come: about all, and about the next one."""

    all: dict[bytes, bytes] = field(default_factory=dict)
    next: dict[bytes, bytes] = field(default_factory=dict)


class TarArchive:
    """A tar archive read once, from start to end. `complete_without_end` when something else, such as a
    checksum of the compression around it, vouches that nothing is missing."""

    def __init__(
        self, pieces: Iterator[bytes], name: str, meter: Meter, *, complete_without_end: bool
    ) -> None:
        self._stream = ByteStream(pieces)
        self._name = name
        self._meter = meter
        self._complete_without_end = complete_without_end
        self._extensions = _Extensions()

    def members(self) -> Iterator[Member]:
        """Its members. Raises SourceError when it is cut off or damaged."""
        while (start := self._next_header()) is not None:
            header, offset = start
            if self._take_extension(header):
                continue
            self._meter.count_entry()
            member = self._member(header, offset)
            body = self._stream.offset
            yield member
            self._skip(body + header.size + -header.size % BLOCK - self._stream.offset)
        self._stream.drain()

    def _next_header(self) -> tuple[TarHeader, int] | None:
        offset = self._stream.offset
        block = self._stream.read(BLOCK)
        if block == ZEROS or (not block and self._complete_without_end):
            return None
        if len(block) < BLOCK:
            raise self._error("It is cut off: the end of the archive is missing.")
        try:
            header = parse_header(block)
            apply_pax(header, self._extensions.all | self._extensions.next)
        except BadHeader as error:
            raise SourceError(f"The archive is damaged: {error}.", Place(self._name, offset)) from error
        return header, offset

    def _take_extension(self, header: TarHeader) -> bool:
        """Take in a header that only says something about members to come; whether it was one."""
        if header.type not in (b"x", b"X", b"g", b"L", b"K"):
            return False
        if header.size > _EXTENSION_LIMIT:
            raise self._error("The archive is damaged: an extended header is too large.")
        data = b"".join(self._content(header.size))
        self._skip(-header.size % BLOCK)
        try:
            if header.type == b"L":
                self._extensions.next[b"path"] = data.partition(b"\0")[0]
            elif header.type == b"K":
                self._extensions.next[b"linkpath"] = data.partition(b"\0")[0]
            elif header.type == b"g":
                self._extensions.all |= parse_pax(data)
            else:
                self._extensions.next |= parse_pax(data)
        except BadHeader as error:
            raise self._error(f"The archive is damaged: {error}.") from error
        return True

    def _member(self, header: TarHeader, offset: int) -> Member:
        sparse = any(key.startswith(b"GNU.sparse.") for key in self._extensions.next)
        self._extensions.next = {}
        kind: MemberKind = (
            "file" if header.type in _FILES else "directory" if header.type == b"5" else "other"
        )
        unusable = ""
        if sparse or kind == "other":
            kind = "other"
            reason = _OTHERS.get(b"S" if sparse else header.type, "It is of an unknown kind.")
            unusable = reason.format(shown(decoded(header.link)))
        modified = None
        if header.modified is not None and math.isfinite(header.modified):
            modified = round(header.modified * clock.SECOND)
        return Member(decoded(header.name), kind, modified, self._content(header.size), unusable)

    def _content(self, size: int) -> Iterator[bytes]:
        for piece in self._stream.take(size):
            size -= len(piece)
            yield piece
        if size:
            raise self._error("It is cut off: the file ends in the middle of its content.")

    def _skip(self, length: int) -> None:
        if self._stream.skip(length) < length:
            raise self._error("It is cut off: the file ends in the middle of its content.")

    def _error(self, text: str) -> SourceError:
        return SourceError(text, Place(self._name, self._stream.offset))
