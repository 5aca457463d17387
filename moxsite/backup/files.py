"""Files of a backup: written for the owner only, hashed on the way, on the disk before they count."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

PIECE = 1024 * 1024


class HashedFile:
    """A new file that nobody else can read. Knows its size and hash when it is closed."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes | memoryview) -> None:
        """Append."""
        self._digest.update(data)
        self._file.write(data)
        self.size += len(data)

    def __enter__(self) -> "HashedFile":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    @property
    def sha256(self) -> str:
        """The hash of what was written, in hexadecimal."""
        return self._digest.hexdigest()


def pieces(path: Path) -> Iterator[bytes]:
    """A file piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def copy(source: Path, target: Path, *, progress: Callable[[int], object] | None = None) -> str:
    """Copy into a new file for the owner only. The hash of what was copied."""
    with HashedFile(target) as file:
        for piece in pieces(source):
            file.write(piece)
            if progress is not None:
                progress(len(piece))
    return file.sha256


def sha256(path: Path) -> str:
    """The hash of a file, in hexadecimal."""
    digest = hashlib.sha256()
    for piece in pieces(path):
        digest.update(piece)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
