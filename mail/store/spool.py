"""Taking in a content piece by piece, with bounded memory."""

import asyncio
import hashlib
from concurrent.futures import Future
from typing import Any, Protocol

from mail.mime.summary import Summary
from mail.store.accept import NewContent
from mail.store.chunks import StoreChunks
from mail.store.layout import CHUNK_SIZE
from mail.store.write import Write


class Submits(Protocol):
    """What a spool needs of the writer."""

    def submit(self, write: Write) -> "Future[Any]": ...


class ContentSpool:
    """Collects one content. Beyond a chunk's size, chunks are committed while more arrives.

    Used by one task of an event loop or by one thread. An aborted spool leaves at most chunks that
    the sweeper removes.
    """

    def __init__(self, writer: Submits) -> None:
        self._writer = writer
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._size = 0
        self._content_id: int | None = None
        self._stored = 0
        self._pending: Future[Any] | None = None

    @property
    def size(self) -> int:
        """Bytes taken in so far."""
        return self._size

    def write(self, data: bytes) -> "Future[Any] | None":
        """Take `data` in. A future means: wait for it before writing more."""
        self._hash.update(data)
        self._size += len(data)
        self._buffer += data
        if len(self._buffer) <= CHUNK_SIZE or self._pending is not None:
            return self._pending
        return self._store_ahead()

    def settle(self) -> None:
        """The awaited future is done: take over its result.

        Raises what the write raised.
        """
        if self._pending is not None:
            self._content_id = self._pending.result()
            self._pending = None

    async def drain(self, pending: "Future[Any]") -> None:
        """Wait for a future that `write` gave, on an event loop."""
        await asyncio.wrap_future(pending)
        self.settle()

    def finish(self, summary: Summary, part_index: bytes) -> NewContent:
        """The content, for the write that refers to it. Nothing may be pending any more."""
        self.settle()
        data = bytes(self._buffer)
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

    def _store_ahead(self) -> "Future[Any]":
        count = min(len(self._buffer) // CHUNK_SIZE, 4)
        chunks = tuple(
            bytes(self._buffer[start : start + CHUNK_SIZE])
            for start in range(0, count * CHUNK_SIZE, CHUNK_SIZE)
        )
        del self._buffer[: count * CHUNK_SIZE]
        self._pending = self._writer.submit(StoreChunks(self._content_id, self._stored, chunks))
        self._stored += count
        return self._pending
