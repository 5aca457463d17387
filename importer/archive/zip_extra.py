"""Extra fields of zip entries."""

import struct
import zlib
from collections.abc import Iterator

from mail import clock

_MANY = 0xFFFFFFFF
_ZIP_64 = 0x0001
_EXTENDED_TIME = 0x5455
_UNICODE_PATH = 0x7075


def extended_sizes(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Size, packed size and offset with those that were too large for 32 bits (APPNOTE 4.5.3)."""
    values = iter(
        struct.iter_unpack("<Q", field[: len(field) & ~7]) if (field := _field(extra, _ZIP_64)) else ()
    )
    result = [next(values, (value,))[0] if value == _MANY else value for value in (size, packed, offset)]
    return result[0], result[1], result[2]


def extended_time(extra: bytes) -> clock.Moment | None:
    """When the file was changed, by Info-ZIP's extended timestamp; None without one."""
    field = _field(extra, _EXTENDED_TIME)
    if len(field) < 5 or not field[0] & 1:
        return None
    return int.from_bytes(field[1:5], "little", signed=True) * clock.SECOND


def unicode_path(extra: bytes, name: bytes) -> str:
    """The name in UTF-8 that belongs to `name`, a name in an old code page; "" without (APPNOTE 4.6.9)."""
    field = _field(extra, _UNICODE_PATH)
    if len(field) < 6 or int.from_bytes(field[1:5], "little") != zlib.crc32(name):
        return ""
    return field[5:].decode("utf-8", "replace")


def _field(extra: bytes, wanted: int) -> bytes:
    for kind, content in _fields(extra):
        if kind == wanted:
            return content
    return b""


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length
