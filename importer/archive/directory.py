"""A directory on disk as a stream of members."""

import os
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from pathlib import Path

from importer.archive.budgets import Budgets, Meter
from importer.archive.input import WINDOW, Checkpoint
from importer.archive.member import Member
from importer.archive.names import decoded
from importer.archive.place import MemberBroken, shown

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


LeavesOut = Callable[[str, str], bool]
"""Whether to leave out a file, by the name of its folder ("" at the top) and its own."""


class Directory:
    """The files below a directory, in the order of their names, files before folders. Follows no links.

    Files that it `leaves_out` are not told; None: all are.
    """

    def __init__(
        self,
        root: Path,
        name: str,
        budgets: Budgets,
        checkpoint: Checkpoint,
        leaves_out: LeavesOut | None = None,
    ) -> None:
        self.name = shown(name or root.name or str(root))
        self.position = 0
        self._root = os.fsencode(root)
        self._checkpoint = checkpoint
        self._leaves_out = leaves_out
        self._size: int | None = None
        self._meter = Meter(budgets, self)

    @property
    def size(self) -> int:
        """Bytes of all files; found out by walking through the directory once."""
        if self._size is None:
            self._size = 0  # whoever is called at a checkpoint may ask meanwhile
            for found in self._sizes():
                self._size += found
        return self._size

    def members(self) -> Iterator[Member]:
        """Its files and folders. Raises SourceError, and OSError when the directory itself can't be read."""
        waiting = [b""]
        while waiting:
            prefix = waiting.pop()
            self._checkpoint()
            folders = []
            try:
                entries = self._entries(prefix)
            except OSError as error:
                if not prefix:
                    raise
                yield Member(decoded(prefix), "other", None, iter(()), _unreadable(error))
                continue
            for entry in entries:
                self._meter.count_entry()
                path = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    folders.append(path + b"/")
                else:
                    yield self._member(entry, decoded(path))
            for folder in folders:
                yield Member(decoded(folder), "directory", None, iter(()))
            waiting.extend(reversed(folders))

    def close(self) -> None:
        """Nothing is open between members."""

    def _entries(self, prefix: bytes) -> "list[os.DirEntry[bytes]]":
        with os.scandir(os.path.join(self._root, prefix)) as found:
            told: Iterable[os.DirEntry[bytes]] = found
            if (leaves_out := self._leaves_out) is not None:
                folder = decoded(prefix).rstrip("/").rpartition("/")[2]
                told = (
                    entry
                    for entry in found
                    if entry.is_dir(follow_symlinks=False) or not leaves_out(folder, decoded(entry.name))
                )
            return sorted(told, key=attrgetter("name"))

    def _sizes(self) -> Iterator[int]:
        """Bytes of the files in each folder; who reads its members tells which can't be read."""
        waiting = [self._root]
        while waiting:
            self._checkpoint()
            size = 0
            try:
                with os.scandir(waiting.pop()) as found:
                    for entry in found:
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                        else:
                            size += entry.stat(follow_symlinks=False).st_size
            except OSError:
                pass
            yield size

    def _member(self, entry: "os.DirEntry[bytes]", name: str) -> Member:
        if entry.is_symlink():
            return Member(name, "other", None, iter(()), "It is a link.")
        if not entry.is_file():
            return Member(name, "other", None, iter(()), "It is a device, pipe or socket.")
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            return Member(name, "file", None, iter(()), _unreadable(error))
        content = self._content(entry.path, status.st_size)
        return Member(name, "file", status.st_mtime_ns // 1000, content)

    def _content(self, path: bytes, size: int) -> Iterator[bytes]:
        try:
            descriptor = os.open(path, _FLAGS)
        except OSError as error:
            raise MemberBroken(_unreadable(error)) from error
        try:
            # A read takes memory for all that it might give.
            wanted = min(size + 1, WINDOW)
            while data := os.read(descriptor, wanted):
                self._checkpoint()
                self.position += len(data)
                self._meter.count_bytes(len(data))
                size -= len(data)
                yield data
                if size == 0 and len(data) < wanted:
                    return  # the read that would say so costs as much as one that gives something
        except OSError as error:
            raise MemberBroken(_unreadable(error)) from error
        finally:
            os.close(descriptor)


def _unreadable(error: OSError) -> str:
    return f"It can't be read: {error.strerror}."
