"""Writing a zip archive piece by piece to somebody who can't be asked to go back."""

import zipfile
from collections.abc import Iterable, Iterator
from typing import Final

from mail import clock

_LEVEL: Final = 3
_FIRST_YEAR, _LAST_YEAR = 1980, 2107  # what a zip archive can date


class _Sink:
    """A file that can only be written. What was written is taken out with `drain`."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written can still be taken out."""

    def drain(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


class ZipStream:
    """A zip archive. Each method gives the bytes that are ready; together they are the archive."""

    suffix = ".zip"
    content_type = "application/zip"

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)

    def member(
        self, name: str, pieces: Iterable[bytes], moment: clock.Moment, size: int | None = None
    ) -> Iterator[bytes]:
        """One file. Its size need not be known."""
        info = zipfile.ZipInfo(name, _date(moment))
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=size is None or size > 2**31) as member:
            for piece in pieces:
                member.write(piece)
                yield self._sink.drain()
        yield self._sink.drain()

    def folder(self, name: str, moment: clock.Moment) -> Iterator[bytes]:
        """An empty folder."""
        info = zipfile.ZipInfo(f"{name}/", _date(moment))
        info.external_attr = (0o40700 << 16) | 0x10
        self._zip.writestr(info, b"")
        yield self._sink.drain()

    def end(self) -> Iterator[bytes]:
        """What closes the archive."""
        self._zip.close()
        yield self._sink.drain()


def _date(moment: clock.Moment) -> tuple[int, int, int, int, int, int]:
    when = clock.as_datetime(max(0, moment))
    if when.year > _LAST_YEAR:
        return (_LAST_YEAR, 12, 31, 23, 59, 58)
    if when.year < _FIRST_YEAR:
        return (_FIRST_YEAR, 1, 1, 0, 0, 0)
    return (when.year, when.month, when.day, when.hour, when.minute, when.second)
