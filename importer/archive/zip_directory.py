"""The list of members at the end of a zip archive (PKWARE APPNOTE 6.3.10)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from importer.archive.input import WINDOW, InputFile
from importer.archive.names import decoded
from importer.archive.place import Place, SourceError
from importer.archive.stream import ByteStream
from importer.archive.zip_extra import extended_sizes, extended_time, unicode_path
from mail import clock

_END = struct.Struct("<4s4H2LH")
_END_64_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LONGEST_COMMENT = 65535
_MANY = 0xFFFFFFFF
_UTF_8 = 0x800
_ENCRYPTED = 0x2041
LOCAL_HEADER = 30
"""Bytes of a member's own header, without name and extra fields."""


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One entry of the list. `offset` is where the member's own header starts in the file.

    `modified` is None when the entry has only the local time of an unknown zone.
    """

    name: str
    modified: clock.Moment | None
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int
    encrypted: bool
    shortest: int
    """Bytes that header and content take at least."""


class ZipDirectory:
    """Reads the list. Raises SourceError where it is missing or damaged.

    `start` is where it starts: all members are before it. `count` is how many there should be.
    """

    def __init__(self, file: InputFile) -> None:
        self._file = file
        self.start = self.count = self._length = self._shift = 0
        self._find()

    def entries(self) -> Iterator[ZipEntry]:
        """The entries in their order, any number of times."""
        stream = ByteStream(self._pieces())
        for _ in range(self.count):
            place = Place(self._file.name, self.start + stream.offset)
            fixed = stream.read(_ENTRY.size)
            if len(fixed) < _ENTRY.size or not fixed.startswith(b"PK\1\2"):
                raise SourceError("The archive is damaged: its list of members ends early.", place)
            yield self._entry(_ENTRY.unpack(fixed), stream, place)

    def _pieces(self) -> Iterator[bytes]:
        for at in range(self.start, self.start + self._length, WINDOW):
            yield self._file.read_at(at, min(WINDOW, self.start + self._length - at))

    def _entry(self, fields: tuple[int, ...], stream: ByteStream, place: Place) -> ZipEntry:
        _, made_by, _, flags, method, _, _, crc, packed, size = fields[:10]
        name_length, extra_length, comment_length, _, _, attributes, offset = fields[10:]
        raw = stream.read(name_length)
        extra = stream.read(extra_length)
        if stream.skip(comment_length) < comment_length or len(extra) < extra_length:
            raise SourceError("The archive is damaged: its list of members ends early.", place)
        if _MANY in (packed, size, offset):
            size, packed, offset = extended_sizes(extra, size, packed, offset)
        name = unicode_path(extra, raw) or (
            raw.decode("utf-8", "replace") if flags & _UTF_8 else decoded(raw, "cp437")
        )
        is_unix = made_by >> 8 == 3
        return ZipEntry(
            name=name if is_unix else name.replace("\\", "/"),
            modified=extended_time(extra),
            method=method,
            crc=crc,
            packed=packed,
            size=size,
            offset=offset + self._shift,
            mode=attributes >> 16 if is_unix else 0,
            encrypted=bool(flags & _ENCRYPTED),
            shortest=LOCAL_HEADER + name_length + packed,
        )

    def _find(self) -> None:
        tail_start = max(0, self._file.size - _END.size - _LONGEST_COMMENT)
        tail = self._file.read_at(tail_start, self._file.size - tail_start)
        at = tail.rfind(b"PK\5\6", 0, max(0, len(tail) - _END.size + 4))
        if at < 0:
            raise SourceError(
                "It is cut off or damaged: the list of members at the end of a zip archive is missing.",
                Place(self._file.name, self._file.size),
            )
        end = tail_start + at
        _, disk, _, _, count, length, start, comment = _END.unpack_from(tail, at)
        if end + _END.size + comment > self._file.size:
            raise SourceError(
                "It is cut off: the end of the archive is missing.", Place(self._file.name, self._file.size)
            )
        # Programs that write to a pipe add the record for large archives to small ones too.
        end, disk, count, length, start = self._find_64(end, (disk, count, length, start))
        if disk:
            raise SourceError("It is one part of several; join them first.", Place(self._file.name, end))
        # Something may have been put before the archive, such as a program that unpacks it.
        self._shift = end - length - start
        if self._shift < 0:
            raise SourceError("The archive is damaged: a part of it is missing.", Place(self._file.name, end))
        self.start = start + self._shift
        self._length = length
        self.count = count

    def _find_64(self, end: int, short: tuple[int, int, int, int]) -> tuple[int, int, int, int, int]:
        locator = self._file.read_at(max(0, end - _END_64_LOCATOR.size), _END_64_LOCATOR.size)
        if not locator.startswith(b"PK\6\7") or end < _END_64_LOCATOR.size:
            return (end, *short)
        _, _, at, _ = _END_64_LOCATOR.unpack(locator)
        record = self._file.read_at(min(at, self._file.size), _END_64.size)
        if len(record) < _END_64.size or not record.startswith(b"PK\6\6"):
            raise SourceError("The archive is damaged: its end can't be read.", Place(self._file.name, end))
        _, _, _, _, disk, _, _, count, length, start = _END_64.unpack(record)
        return at, disk, count, length, start
