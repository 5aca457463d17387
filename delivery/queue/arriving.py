"""Results on their way from the engine's event loop to the thread that notes them."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any

from delivery.transports.group import GroupResult

Noting = Callable[..., "Future[Any]"]
"""Takes results, and gives what is done when they are on disk."""


class Arriving:
    """The loop puts results in, one thread notes them until there will be no more."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[GroupResult, Future[Any]] | None] = SimpleQueue()

    def put(self, group: GroupResult) -> "Future[Any]":
        """Add results; give what is done when they are on disk, or can't be noted."""
        recorded: Future[Any] = Future()
        self._queue.put((group, recorded))
        return recorded

    def end(self) -> None:
        """There will be no more."""
        self._queue.put(None)

    def note_all(self, note: Noting) -> None:
        """Note what arrives, together what has arrived together, until the end."""
        while arrived := self._arrived():
            noted: Future[Any] | None = None
            try:
                noted = note(*(group for group, _ in arrived))
            finally:
                for _, recorded in arrived:
                    _follow(recorded, noted)

    def _arrived(self) -> list[tuple[GroupResult, "Future[Any]"]]:
        """What has arrived, waiting for the first; nothing at the end."""
        arrived: list[tuple[GroupResult, Future[Any]]] = []
        while not arrived or not self._queue.empty():
            item = self._queue.get()
            if item is None:
                self._queue.put(None)
                break
            arrived.append(item)
        return arrived


def _follow(recorded: "Future[Any]", noted: "Future[Any] | None") -> None:
    if noted is None:
        recorded.set_result(None)
    else:
        noted.add_done_callback(lambda _: recorded.set_result(None))
