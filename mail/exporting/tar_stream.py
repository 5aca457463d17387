"""Writing a tar archive, compressed with gzip, piece by piece."""

import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from mail import clock

_BLOCK: Final = tarfile.BLOCKSIZE
_PIECE: Final = 256 * 1024
_LEVEL: Final = 3
_GZIP: Final = 16 + zlib.MAX_WBITS


class TarStream:
    """A tar.gz archive. Each method gives the bytes that are ready; together they are the archive."""

    suffix = ".tgz"
    content_type = "application/gzip"

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)

    def member(
        self, name: str, pieces: Iterable[bytes], moment: clock.Moment, size: int | None = None
    ) -> Iterator[bytes]:
        """One file. A tar archive tells the size first: where it is not known, the file is made on disk.

        Raises OSError when there is no room for that.
        """
        if size is not None:
            yield from self._member(name, _exactly(pieces, size), moment, size)
            return
        with tempfile.TemporaryFile() as file:
            for piece in pieces:
                file.write(piece)
                yield b""
            size = file.tell()
            file.seek(0)
            yield from self._member(name, iter(lambda: file.read(_PIECE), b""), moment, size)

    def _member(
        self, name: str, pieces: Iterable[bytes], moment: clock.Moment, size: int
    ) -> Iterator[bytes]:  # fmt: skip
        yield self._header(name, moment, size, tarfile.REGTYPE, 0o600)
        for piece in pieces:
            yield self._compressor.compress(piece)
        yield self._compressor.compress(b"\0" * (-size % _BLOCK))

    def folder(self, name: str, moment: clock.Moment) -> Iterator[bytes]:
        """An empty folder."""
        yield self._header(name, moment, 0, tarfile.DIRTYPE, 0o700)

    def end(self) -> Iterator[bytes]:
        """What closes the archive."""
        yield self._compressor.compress(b"\0" * 2 * _BLOCK) + self._compressor.flush()

    def _header(self, name: str, moment: clock.Moment, size: int, kind: bytes, mode: int) -> bytes:
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.type, info.mode = size, max(0, moment) // clock.SECOND, kind, mode
        return self._compressor.compress(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))


def _exactly(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """So many bytes, whatever comes: one message that is damaged must not damage those behind it."""
    left = size
    for piece in pieces:
        yield piece[:left]
        left -= min(left, len(piece))
    while left > 0:
        yield b"\n" * min(left, _PIECE)
        left -= min(left, _PIECE)
