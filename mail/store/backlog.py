"""Writes that wait for the thread of the writer, and which of them share a transaction."""

from collections import deque
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any

from mail import clock
from mail.store.write import Write

MAX_WRITES = 64
MAX_BYTES = 1 << 20

Pending = tuple[Write, "Future[Any]"]
"""A write, and where its result goes."""


class Backlog:
    """Any thread may put writes in; one takes them out in batches.

    Those without patience keep their order. Patient ones wait aside, and wake the thread only if it does not
    look at them by itself soon.
    """

    def __init__(self) -> None:
        self._queue: SimpleQueue[Pending | None] = SimpleQueue()  # None: look again
        self._next: Pending | None = None
        self._patient: deque[Pending] = deque()
        self._patient_at = float("-inf")
        self._looks = False
        self._ended = False

    def put(self, pending: Pending) -> None:
        """Add a write."""
        if not pending[0].patience:
            self._queue.put(pending)
            return
        self._patient.append(pending)
        if not self._looks:
            self._looks = True
            self._queue.put(None)

    def end(self) -> None:
        """Nothing more is put in, and what waits need not wait any longer."""
        self._ended = True
        self._queue.put(None)

    def __len__(self) -> int:
        return self._queue.qsize() + len(self._patient)

    def wait(self) -> bool:
        """Block until there is something that does not wait for others. False: there is nothing any more."""
        while self._next is None and not self._ended:
            # In this order: whoever puts in a patient write now either is seen or sees that it has to wake.
            self._looks = False
            seconds = self._patience()
            self._looks = seconds is not None
            try:
                self._next = self._queue.get(timeout=seconds)
            except Empty:
                break
        self._next = self._next or self._pop()
        return self._next is not None

    def take(self) -> list[Pending]:
        """The next batch, up to the limits. Nothing of what waits is waited for."""
        batch: list[Pending] = []
        size = 0
        while len(batch) < MAX_WRITES and (item := self._pop()) is not None:
            size += item[0].weight
            if batch and size > MAX_BYTES:
                self._next = item
                break
            batch.append(item)
        return batch

    def _patience(self) -> float | None:
        """The seconds until patient writes are taken; None: there are none."""
        if not self._patient:
            return None
        return max(0.0, self._patient_at + self._patient[0][0].patience - clock.monotonic())

    def _pop(self) -> Pending | None:
        """What goes into the batch next, without waiting."""
        if (item := self._next) is not None:
            self._next = None
            return item
        if self._patient:
            item = self._patient.popleft()
            if not self._patient:
                self._patient_at = clock.monotonic()
            return item
        while not self._queue.empty():
            if (item := self._queue.get()) is not None:
                return item
        return None
