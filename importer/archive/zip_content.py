"""The content of one member of a zip archive."""

import bz2
import lzma
from collections.abc import Callable, Iterator

from importer.archive import inflate
from importer.archive.compression import DAMAGED, DeflateEngine, Engine, zstd_engine
from importer.archive.input import WINDOW, InputFile
from importer.archive.place import MemberBroken
from importer.archive.zip_directory import LOCAL_HEADER, ZipEntry

_STORED = 0
_LZMA = 14
_ENGINES: dict[int, Callable[[], Engine]] = {
    8: lambda: DeflateEngine(inflate.RAW),
    12: bz2.BZ2Decompressor,
    93: zstd_engine,
    95: lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY),
}
_LZMA_MEMORY = 128 * 1024 * 1024
_EXTRA = 64
"""Bytes of extra fields read together with the header: most members have less, and are read at once."""


def unusable(entry: ZipEntry) -> str:
    """Why the content can't be read, as a sentence; "" when it can."""
    if entry.encrypted:
        return "It is encrypted."
    if entry.method not in (_STORED, _LZMA) and entry.method not in _ENGINES:
        return f"It is packed by a method that is not supported (number {entry.method})."
    return ""


def content(file: InputFile, entry: ZipEntry) -> Iterator[bytes]:
    """The content in pieces. Raises MemberBroken when it is damaged; what came before may be damaged too."""
    start = file.read_at(entry.offset, min(entry.shortest + _EXTRA, WINDOW))
    if len(start) < LOCAL_HEADER or not start.startswith(b"PK\3\4"):
        raise MemberBroken(f"Its content is not where the archive says (byte {entry.offset} of the archive).")
    names = int.from_bytes(start[26:28], "little") + int.from_bytes(start[28:30], "little")
    packed = _packed(file, entry, LOCAL_HEADER + names, start)
    pieces = packed if entry.method == _STORED else _unfolded(packed, entry)
    size = crc = 0
    for piece in pieces:
        size += len(piece)
        if size > entry.size:
            break
        crc = inflate.crc32(piece, crc)
        yield piece
    if size != entry.size:
        raise MemberBroken(f"It has not the size that the archive says, which is {entry.size} bytes.")
    if crc != entry.crc:
        raise MemberBroken("It is damaged: its checksum does not fit.")


def _packed(file: InputFile, entry: ZipEntry, at: int, start: bytes) -> Iterator[bytes]:
    """What is behind the byte `at` of the member, which begins with `start`."""
    length = entry.packed
    if piece := start[at : at + length]:
        length -= len(piece)
        yield piece
    offset = entry.offset + at + len(piece)
    while length > 0:
        piece = file.read_at(offset, min(length, WINDOW))
        if not piece:
            return
        offset += len(piece)
        length -= len(piece)
        yield piece


def _unfolded(packed: Iterator[bytes], entry: ZipEntry) -> Iterator[bytes]:
    limit = min(entry.size + 1, WINDOW)  # an engine takes memory for all that it might give
    try:
        engine = _lzma(packed) if entry.method == _LZMA else _ENGINES[entry.method]()
        while not engine.eof:
            data = next(packed, b"") if engine.needs_input else b""
            if not data and engine.needs_input:
                return
            piece = engine.decompress(data, limit)
            if piece:
                yield piece
    except DAMAGED as error:
        raise MemberBroken(f"Its packed data is damaged ({error}).") from error


def _lzma(packed: Iterator[bytes]) -> Engine:
    """The engine for LZMA, which in zip has a header of its own (APPNOTE 5.8.8)."""
    start = next(packed, b"")
    length = int.from_bytes(start[2:4], "little")
    if len(start) < 4 + length or length != 5:
        raise EOFError("its LZMA header can't be read")
    properties = start[4]
    dictionary = int.from_bytes(start[5:9], "little")
    if dictionary > _LZMA_MEMORY or properties >= 9 * 5 * 5:
        raise EOFError("it needs too much memory")
    engine = lzma.LZMADecompressor(
        lzma.FORMAT_RAW,
        filters=[
            {
                "id": lzma.FILTER_LZMA1,
                "dict_size": max(dictionary, 4096),
                "lc": properties % 9,
                "lp": properties // 9 % 5,
                "pb": properties // 45,
            }
        ],
    )
    return _Started(engine, start[4 + length :])


class _Started:
    """An engine that has some input already."""

    def __init__(self, engine: lzma.LZMADecompressor, data: bytes) -> None:
        self._engine = engine
        self._data = data

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def needs_input(self) -> bool:
        return not self._data and self._engine.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        data = self._data + data
        self._data = b""
        return self._engine.decompress(data, max_length)
