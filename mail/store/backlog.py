"""Writes that wait for the thread of the writer, and which of them share a transaction."""

from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any

from mail.store.write import Write

MAX_WRITES = 64
MAX_BYTES = 1 << 20

Pending = tuple[Write, "Future[Any]"]
"""A write, and where its result goes."""


class Backlog:
    """Any thread may put writes in; one takes them out in their order, in batches."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Pending | None] = SimpleQueue()
        self._next: Pending | None = None

    def put(self, pending: Pending) -> None:
        """Add a write."""
        self._queue.put(pending)

    def end(self) -> None:
        """Nothing more is put in."""
        self._queue.put(None)

    def __len__(self) -> int:
        """Those that were not looked at yet."""
        return self._queue.qsize()

    def wait(self) -> bool:
        """Block until there is a write. False: there is none any more."""
        if self._next is None:
            self._next = self._take_one()
        return self._next is not None

    def take(self) -> list[Pending]:
        """The next batch, up to the limits, without waiting. Only after `wait`."""
        batch: list[Pending] = []
        size = 0
        while len(batch) < MAX_WRITES and (item := self._next) is not None:
            size += item[0].weight
            if batch and size > MAX_BYTES:
                break
            batch.append(item)
            self._next = None if self._queue.empty() else self._take_one()
        return batch

    def _take_one(self) -> Pending | None:
        """The next write, when it comes; None at the end, which stays the end."""
        item = self._queue.get()
        if item is None:
            self._queue.put(None)
        return item
