"""Deflate (RFC 1951): by ISA-L where there is a wheel of it, which takes half the time of zlib."""

import zlib
from collections.abc import Callable
from typing import Protocol, cast

try:
    from isal import isal_zlib
except ImportError:  # no wheel for this kind of machine
    isal_zlib = None  # type: ignore[assignment]

RAW = -15
"""The bare stream, as zip has it."""

GZIP = 31
"""With the header and checksum of gzip (RFC 1952)."""


class Inflater(Protocol):
    """What zlib calls a decompression object."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


inflater: Callable[[int], Inflater] = zlib.decompressobj if isal_zlib is None else isal_zlib.decompressobj
"""One for RAW or GZIP. Its `decompress` raises one of DAMAGED."""

crc32: Callable[[bytes, int], int] = zlib.crc32 if isal_zlib is None else isal_zlib.crc32

# Its types call the class an instance.
DAMAGED: tuple[type[Exception], ...] = (
    (zlib.error,) if isal_zlib is None else (zlib.error, cast("type[Exception]", isal_zlib.error))
)
