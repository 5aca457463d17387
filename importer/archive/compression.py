"""Unfolding compressed files as streams of bounded pieces."""

import bz2
import lzma
from collections.abc import Callable, Iterator
from typing import Protocol

from importer.archive import inflate
from importer.archive.input import WINDOW, InputFile
from importer.archive.place import Place, SourceError
from mail.zstandard import zstd

XZ_MEMORY = 128 * 1024 * 1024
ZSTD_WINDOW = 27
"""Binary logarithm of the largest window accepted, as of zstd itself: 128 MiB."""


class Engine(Protocol):
    """The decompressors of the standard library."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class DeflateEngine:
    """zlib's decompressor with the interface of the others. `window` is inflate.RAW or inflate.GZIP."""

    def __init__(self, window: int) -> None:
        self._engine = inflate.inflater(window)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._engine.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        limit = max(0, max_length)
        result = self._engine.decompress(self._engine.unconsumed_tail + data, limit)
        # All input may be taken in while output is still waiting behind the limit.
        self._full = limit > 0 and len(result) == limit
        return result


def _gzip() -> Engine:
    return DeflateEngine(inflate.GZIP)


def _xz() -> Engine:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)


def zstd_engine() -> Engine:
    """A decompressor of Zstandard that accepts windows up to ZSTD_WINDOW."""
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW})


DAMAGED: tuple[type[Exception], ...] = (
    *inflate.DAMAGED,
    lzma.LZMAError,
    zstd.ZstdError,
    OSError,
    EOFError,
    ValueError,
)
"""What engines raise for data they can't read; bz2 raises OSError and ValueError."""

_ENGINES: dict[str, Callable[[], Engine]] = {
    "gzip": _gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": _xz,
    "zstd": zstd_engine,
}
_MAGIC = {
    "gzip": (b"\x1f\x8b",),
    "bzip2": (b"BZh",),
    "xz": (b"\xfd7zXZ\0",),
    "zstd": (b"\x28\xb5\x2f\xfd", *(bytes([0x50 + n]) + b"\x2a\x4d\x18" for n in range(16))),
}

_LONGEST_MAGIC = 6


def compression_of(start: bytes) -> str:
    """The compression of a file that begins with `start`: gzip, bzip2, xz, zstd, or "" for none."""
    for name, magic in _MAGIC.items():
        if start.startswith(magic):
            return name
    return ""


def unfolded(file: InputFile, compression: str) -> Iterator[bytes]:
    """The unfolded content, of all streams that follow each other in the file.

    Raises SourceError when it is cut off or damaged, or is followed by something else.
    """
    reader = _Reader(file)
    while reader.has_stream(compression):
        yield from _stream(_ENGINES[compression](), reader, compression)


class _Reader:
    """The compressed file, with what an engine gave back."""

    def __init__(self, file: InputFile) -> None:
        self._file = file
        self._offset = 0
        self.held = b""

    def next(self) -> bytes:
        data = self.held or self._file.read_at(self._offset, WINDOW)
        if not self.held:
            self._offset += len(data)
        self.held = b""
        return data

    def has_stream(self, compression: str) -> bool:
        """Whether another stream follows. Tapes and some programs fill the file up with zeros."""
        data = self.next()
        while data and not data.lstrip(b"\0"):
            data = self.next()
        data = data.lstrip(b"\0")
        if len(data) < _LONGEST_MAGIC:
            data += self.next()
        self.held = data
        if data and compression_of(data) != compression:
            raise SourceError(f"Behind its {compression} data there is something else.", self.place())
        return bool(data)

    def place(self) -> Place:
        return Place(self._file.name, self._offset - len(self.held))


def _stream(engine: Engine, reader: _Reader, compression: str) -> Iterator[bytes]:
    while not engine.eof:
        data = reader.next() if engine.needs_input else b""
        if not data and engine.needs_input:
            raise SourceError("It is cut off: the file ends in the middle of its content.", reader.place())
        try:
            piece = engine.decompress(data, WINDOW)
        except DAMAGED as error:
            raise SourceError(f"Its {compression} data is damaged ({error}).", reader.place()) from error
        if piece:
            yield piece
    reader.held = engine.unused_data
