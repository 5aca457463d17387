"""Headers of tar archives: ustar, GNU, pax and the old format (POSIX.1-2017 pax, GNU tar manual)."""

import struct
from dataclasses import dataclass

BLOCK = 512
ZEROS = bytes(BLOCK)


class BadHeader(Exception):
    """A block where a header should be is none."""


@dataclass(slots=True)
class TarHeader:
    """One header. `name` and `link` are undecoded; `modified` is in seconds, None when it is unreadable."""

    name: bytes
    size: int
    modified: float | None
    type: bytes
    link: bytes


_SIGNED = struct.Struct("148b8x356b")


def looks_like_tar(start: bytes) -> bool:
    """Whether a file that begins with `start` is a tar archive, perhaps a damaged one (an empty one is zeros
    only)."""
    if len(start) < BLOCK:
        return start[257:262] == b"ustar"
    try:
        parse_header(start[:BLOCK])
    except BadHeader:
        return start[257:262] == b"ustar" or not start.strip(b"\0")
    return True


def parse_header(block: bytes) -> TarHeader:
    """The header in one block. Raises BadHeader when its checksum is wrong or its size unreadable."""
    own = block[148:156]
    # The sum counts its own eight bytes as spaces. Old programs summed signed bytes.
    checksum = _number(own)
    if checksum != 256 + sum(block) - sum(own) and checksum != 256 + sum(_SIGNED.unpack(block)):
        raise BadHeader("the checksum of a header does not fit")
    size = _number(block[124:136])
    if size is None or size < 0:
        raise BadHeader("the size in a header can't be read")
    name = block[:100].partition(b"\0")[0]
    if block[257:263] == b"ustar\0":
        prefix = block[345:500].partition(b"\0")[0]
        name = prefix + b"/" + name if prefix else name
    type_ = block[156:157]
    if type_ in (b"\0", b"0") and name.endswith(b"/"):
        type_ = b"5"
    return TarHeader(name, size, _number(block[136:148]), type_, block[157:257].partition(b"\0")[0])


def parse_pax(data: bytes) -> dict[bytes, bytes]:
    """The records of an extended header: "length key=value\\n". Raises BadHeader."""
    records: dict[bytes, bytes] = {}
    at = 0
    while at < len(data) and data[at : at + 1] != b"\0":
        digits = data[at : at + 20].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        record = data[at : at + length]
        key, equals, value = record[len(digits) + 1 :].partition(b"=")
        if length <= len(digits) or not equals or not value.endswith(b"\n"):
            raise BadHeader("an extended header can't be read")
        records[key] = value[:-1]
        at += length
    return records


def apply_pax(header: TarHeader, records: dict[bytes, bytes]) -> None:
    """Let the records of an extended header take precedence. Raises BadHeader."""
    header.name = records.get(b"path", header.name)
    header.link = records.get(b"linkpath", header.link)
    try:
        header.size = int(records.get(b"size", header.size))
        header.modified = float(records[b"mtime"]) if b"mtime" in records else header.modified
    except ValueError as error:
        raise BadHeader("an extended header can't be read") from error
    if header.size < 0:
        raise BadHeader("the size in a header can't be read")


def _number(field: bytes) -> int | None:
    """An octal number in ASCII, or a binary one as GNU and star write large ones."""
    if field[0] in (0x80, 0xFF):
        value = int.from_bytes(field[1:], "big")
        return value - (1 << 8 * (len(field) - 1)) if field[0] == 0xFF else value
    digits = field.partition(b"\0")[0].strip()
    try:
        return int(digits or b"0", 8)
    except ValueError:
        return None
