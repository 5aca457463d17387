"""A fair queue of writers in front of SQLite's write lock, across threads and processes.

SQLite lets waiting writers poll, so one busy process starves the others. Whoever wants to write first
takes *next*, then *main*, then lets *next* go: while one writes, exactly one waits in front and the
others wait in the kernel's order behind it. The locks are flock locks, which the kernel drops when a
process dies.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager


class Turnstile:
    """One holder's place: belongs to one database connection, is not shared between threads."""

    def __init__(self, database: str) -> None:
        self._paths = (f"{database}.next", f"{database}.main")
        self._files: tuple[int, int] | None = None
        self._process = 0
        self._held = False

    def take(self) -> None:
        """Wait for the right to write. Taking it twice is harmless: nested use belongs to the outer one."""
        if self._held:
            return
        following, main = self._opened()
        fcntl.flock(following, fcntl.LOCK_EX)
        try:
            fcntl.flock(main, fcntl.LOCK_EX)
        finally:
            fcntl.flock(following, fcntl.LOCK_UN)
        self._held = True

    def release(self) -> None:
        """Let the next writer in. Releasing what is not held is harmless."""
        if self._held and self._files is not None:
            self._held = False
            fcntl.flock(self._files[1], fcntl.LOCK_UN)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Take before the block, release after it."""
        self.take()
        try:
            yield
        finally:
            self.release()

    @property
    def held(self) -> bool:
        """Whether this connection may write now."""
        return self._held

    def close(self) -> None:
        """Give up the right and the files."""
        self.release()
        if self._files is not None:
            for file in self._files:
                os.close(file)
            self._files = None

    def _opened(self) -> tuple[int, int]:
        # After a fork the descriptors share their lock with the parent's: open our own.
        if self._files is None or self._process != os.getpid():
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            following, main = (os.open(path, flags, 0o600) for path in self._paths)
            self._files, self._process, self._held = (following, main), os.getpid(), False
        return self._files
