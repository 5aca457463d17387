"""The file that a source is read from."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from importer.archive.place import shown

WINDOW = 512 * 1024
"""Bytes read at a time."""

Checkpoint = Callable[[], None]
"""Called at least once for each MiB read. What it raises ends the reading: an abort."""


def no_checkpoint() -> None:
    """A checkpoint that lets everything pass."""


class Input(Protocol):
    """What is read, and how far."""

    @property
    def name(self) -> str:
        """What its owner calls it, cleaned for showing."""

    @property
    def size(self) -> int:
        """All bytes there are."""

    @property
    def position(self) -> int:
        """Bytes read so far, at most `size`."""


class InputFile:
    """A file read from start to end, or at any place. Raises OSError."""

    def __init__(self, path: Path, name: str = "", checkpoint: Checkpoint = no_checkpoint) -> None:
        self.name = shown(name or path.name)
        self.checkpoint = checkpoint
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self._descriptor).st_size
        self.modified = int(os.fstat(self._descriptor).st_mtime)
        self._read = 0

    @property
    def position(self) -> int:
        """Bytes read so far, at most `size`."""
        return min(self._read, self.size)

    def read_at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer only at the end of the file."""
        self.checkpoint()
        data = os.pread(self._descriptor, length, offset)
        while len(data) < length and (
            more := os.pread(self._descriptor, length - len(data), offset + len(data))
        ):
            data += more
        self._read += len(data)
        return data

    def pieces(self) -> Iterator[bytes]:
        """The file from its start, a window at a time."""
        offset = 0
        while data := self.read_at(offset, WINDOW):
            yield data
            offset += len(data)

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
