"""Finding out what a file is, by what is in it, and opening it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from importer.archive.budgets import Budgets, Meter
from importer.archive.compression import compression_of, unfolded
from importer.archive.directory import Directory, LeavesOut
from importer.archive.input import Checkpoint, InputFile, no_checkpoint
from importer.archive.member import Container
from importer.archive.place import Place, SourceError
from importer.archive.single_file import SingleFile
from importer.archive.tar import TarArchive
from importer.archive.tar_header import BLOCK, looks_like_tar
from importer.archive.zip import ZipArchive
from mail import clock

_ZIP = (b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\7\x08")
_UNSUPPORTED = {
    b"7z\xbc\xaf\x27\x1c": "It is a 7-Zip archive. Unpack it and pack it again as zip or tar.",
    b"Rar!": "It is a RAR archive. Unpack it and pack it again as zip or tar.",
    b"LZIP": "It is compressed by lzip. Unpack it and pack it again as zip or tar.",
    b"\x1f\x9d": "It is compressed by compress. Unpack it and pack it again as zip or tar.",
    b"!BDN": "It is a data file of Outlook. Let Thunderbird or readpst turn it into mbox files first.",
    b"SQLite format 3\0": "It is a database. Let the program that made it export its mail.",
}
_SUFFIXES = {"gzip": (".gz",), "bzip2": (".bz2",), "xz": (".xz",), "zstd": (".zst", ".zstd")}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file or directory and what is in it. `is_archive` is False for a file that is no archive."""

    input: InputFile | Directory
    container: Container
    formats: tuple[str, ...]
    is_archive: bool


def open_container(
    path: Path,
    budgets: Budgets,
    *,
    name: str = "",
    checkpoint: Checkpoint = no_checkpoint,
    leaves_out: LeavesOut | None = None,
) -> Opened:
    """Open a file or directory; `name` is what its owner calls it. Close `input` when done.

    `leaves_out` is for directories: which files need not be told. Raises SourceError when it can't be read
    as a whole, and OSError.
    """
    if path.is_dir():
        directory = Directory(path, name, budgets, checkpoint, leaves_out)
        return Opened(directory, directory, ("directory",), True)
    file = InputFile(path, name or path.name, checkpoint)
    try:
        return _open_file(file, Meter(budgets, file), name or path.name)
    except BaseException:
        file.close()
        raise


def _open_file(file: InputFile, meter: Meter, name: str) -> Opened:
    start = file.read_at(0, BLOCK)
    place = Place(file.name)
    if not start:
        raise SourceError("It is empty.", place)
    for magic, text in _UNSUPPORTED.items():
        if start.startswith(magic):
            raise SourceError(text, place)
    if start.startswith(_ZIP):
        return Opened(file, ZipArchive(file, meter), ("zip",), True)
    compression = compression_of(start)
    formats = (compression,) if compression else ()
    pieces = _metered(unfolded(file, compression) if compression else file.pieces(), meter)
    start, pieces = _peeked(pieces)
    if looks_like_tar(start):
        tar = TarArchive(pieces, file.name, meter, complete_without_end=bool(compression))
        return Opened(file, tar, (*formats, "tar"), True)
    meter.count_entry()
    for suffix in _SUFFIXES.get(compression, ()):
        name = name.removesuffix(suffix)
    single = SingleFile(pieces, name.replace("/", "_"), file.modified * clock.SECOND)
    return Opened(file, single, formats, False)


def _metered(pieces: Iterator[bytes], meter: Meter) -> Iterator[bytes]:
    for piece in pieces:
        meter.count_bytes(len(piece))
        yield piece


def _peeked(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, enough to recognise a tar archive, and all pieces."""
    held: list[bytes] = []
    while sum(len(piece) for piece in held) < BLOCK and (piece := next(pieces, b"")):
        held.append(piece)
    return b"".join(held), chain(held, pieces)
