"""Files that were sent lately, in memory."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from webserver.edge.field_section import Field
from webserver.handlers.static.serving.finding import File

FRESH_SECONDS: Final = 1.0
"""So long nobody looks whether a file has changed."""

MOST_BYTES: Final = 32 * 1024 * 1024

Key = tuple[int, str, tuple[str, ...]]
"""The handler, the path below its root, and what the client accepts."""


@dataclass(slots=True)
class Kept:
    """A file with the fields of its answers."""

    file: File
    fields: list[Field]
    until: float
    """When somebody must look again, on the loop's clock."""


class FileMemory:
    """Bounded; those that nobody asked for longest go first."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def get(self, key: Key, now: float) -> Kept | None:
        """The file, if it was looked at a moment ago."""
        kept = self._kept.get(key)
        if kept is None or kept.until < now:
            return None
        return kept

    def put(self, key: Key, kept: Kept) -> None:
        """Keep it."""
        self.drop(key)
        if kept.file.content is None:
            return
        self._kept[key] = kept
        self._size += len(kept.file.content)
        while self._size > self._most:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.file.content or b"")

    def drop(self, key: Key) -> None:
        """Forget it."""
        former = self._kept.pop(key, None)
        if former is not None:
            self._size -= len(former.file.content or b"")

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        self._size = 0
