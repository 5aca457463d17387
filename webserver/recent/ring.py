"""A file of a fixed number of slots that are written in a circle, over shared memory. Pure.

One process writes and any other reads. A slot holds its length, a checksum and the record, so that one that
is being written is noticed. What a process has noted outlives it.
"""

import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SLOT_SIZE: Final = 512
_HEAD: Final = struct.Struct("<HI")
LONGEST_RECORD: Final = SLOT_SIZE - _HEAD.size


class Ring:
    """For the process that writes. Not for several threads at once."""

    def __init__(self, path: Path, slots: int) -> None:
        """Make the file anew. Raises OSError."""
        self._slots = slots
        self._next = 0
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path, flags, 0o600)
        try:
            # Written through memory, a file without its blocks would end the process when the disk is full.
            os.posix_fallocate(descriptor, 0, slots * SLOT_SIZE)
            self._memory = mmap.mmap(descriptor, slots * SLOT_SIZE)
        finally:
            os.close(descriptor)

    def add(self, record: bytes) -> None:
        """Write a record over the oldest one. Of a longer one than fits, the end is left out."""
        record = record[:LONGEST_RECORD]
        start = self._next * SLOT_SIZE
        self._next = (self._next + 1) % self._slots
        head = _HEAD.pack(len(record), zlib.crc32(record))
        self._memory[start : start + len(head) + len(record)] = head + record

    def close(self) -> None:
        """Write no more."""
        self._memory.close()


def read_ring(path: Path) -> Iterator[bytes]:
    """All records, in no order. Nothing when the file is not there."""
    try:
        data = path.read_bytes()
    except OSError:
        return
    for start in range(0, len(data) - SLOT_SIZE + 1, SLOT_SIZE):
        length, checksum = _HEAD.unpack_from(data, start)
        record = data[start + _HEAD.size : start + _HEAD.size + min(length, LONGEST_RECORD)]
        if length and zlib.crc32(record) == checksum:
            yield record
