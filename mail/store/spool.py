"""Taking in a content piece by piece, with bounded memory.

A large content keeps two processors busy: while the next chunks come in, those before are written by
the writer and hashed on a thread.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, Final, Protocol

from mail.mime.summary import Summary
from mail.store import readers
from mail.store.accept import NewContent
from mail.store.chunks import StoreChunks
from mail.store.layout import CHUNK_SIZE
from mail.store.write import Write

_TOGETHER: Final = 3
"""Chunks that may gather while others are on their way, and then go together: each commit costs."""

_BACKLOG: Final = 8
"""Writes that wait, beyond which a chunk is waited for as soon as it is on its way."""


class Submits(Protocol):
    """What a spool needs of the writer."""

    def submit(self, write: Write) -> "Future[Any]": ...

    @property
    def backlog(self) -> int: ...


class ContentSpool:
    """Collects one content. Beyond a chunk's size, chunks are committed while more arrives.

    Used by one task of an event loop or by one thread. An aborted spool leaves at most chunks that
    the sweeper removes.
    """

    def __init__(self, writer: Submits) -> None:
        self._writer = writer
        self._buffer = bytearray()
        self._size = 0
        self._content_id: int | None = None
        self._stored = 0
        self._storing: Future[Any] | None = None
        self._hash: Any = None
        self._hashing: Future[None] | None = None

    @property
    def size(self) -> int:
        """Bytes taken in so far."""
        return self._size

    def write(self, data: bytes) -> "Future[Any] | None":
        """Take `data` in. A future means: wait for it and `settle` before writing more.

        Raises what an earlier write raised.
        """
        self._size += len(data)
        self._buffer += data
        if len(self._buffer) <= CHUNK_SIZE:
            return None
        pending = self.pending
        if pending is None:
            self.settle()
            pending = self._storing
        # Where many write, nobody runs ahead of the writer.
        crowded = self._writer.backlog > _BACKLOG
        return pending if crowded or len(self._buffer) > _TOGETHER * CHUNK_SIZE else None

    @property
    def pending(self) -> "Future[Any] | None":
        """What a chunk on its way to the disk waits for."""
        for future in (self._storing, self._hashing):
            if future is not None and not future.done():
                return future
        return None

    def settle(self) -> None:
        """Take over the results of what is pending, and let the next chunk go if there is one.

        Raises what the write raised. Waits for what is not done yet: not for event loops, which `drain`.
        """
        self._take_over()
        if len(self._buffer) > CHUNK_SIZE:
            self._store_ahead()

    async def drain(self) -> None:
        """Wait for what is pending, on an event loop, and `settle`."""
        while (pending := self.pending) is not None:
            await asyncio.wrap_future(pending)
        self.settle()

    def finish(self, summary: Summary, part_index: bytes) -> NewContent:
        """The content, for the write that refers to it. On an event loop nothing may be pending any more."""
        self._take_over()
        data = bytes(self._buffer)
        if self._hash is None:
            self._hash = hashlib.sha256(data)
        else:
            self._hash.update(data)
        chunks = tuple(data[start : start + CHUNK_SIZE] for start in range(0, len(data), CHUNK_SIZE))
        if not self._size:
            chunks = (b"",)  # so that a missing chunk always means damage
        return NewContent(
            size=self._size,
            sha256=self._hash.digest(),
            part_index=part_index,
            summary=summary,
            chunks=chunks,
            content_id=self._content_id,
            stored_chunks=self._stored,
        )

    def _take_over(self) -> None:
        if self._storing is not None:
            self._content_id = self._storing.result()
            self._storing = None
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None

    def _store_ahead(self) -> None:
        count = min(len(self._buffer) // CHUNK_SIZE, _TOGETHER)
        with memoryview(self._buffer) as buffer:
            chunks = tuple(
                bytes(buffer[start : start + CHUNK_SIZE])
                for start in range(0, count * CHUNK_SIZE, CHUNK_SIZE)
            )
        del self._buffer[: count * CHUNK_SIZE]
        self._storing = self._writer.submit(StoreChunks(self._content_id, self._stored, chunks))
        self._stored += count
        self._hash = self._hash or hashlib.sha256()
        self._hashing = readers.run(_update, self._hash, chunks)


def _update(digest: Any, chunks: Sequence[bytes]) -> None:
    for chunk in chunks:
        digest.update(chunk)
