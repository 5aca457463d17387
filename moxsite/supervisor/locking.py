"""One serve per data directory."""

import contextlib
import fcntl
import os
import stat
import threading
from pathlib import Path

from mail import clock

_POLL_SECONDS = 0.1


class CannotLock(Exception):
    """The data directory is in use by another serve or what it left behind, or its locks are unusable."""


class ServeLock:
    """Two locks in the run folder: one is held by the supervisor alone, one also by all its children.

    So a serve that follows one that was killed can tell that it only has to wait for the children, which
    still hold the ports. The locks are flock locks, which the kernel drops with the last process.
    """

    def __init__(self, run_folder: Path) -> None:
        self._supervisor = _open(run_folder / "serve.lock")
        self.children = _open(run_folder / "children.lock")
        """The descriptor that every child inherits."""

    def take(self, wait_seconds: float) -> None:
        """Take both, waiting for the children of a killed serve. Raises CannotLock."""
        if not _lock(self._supervisor):
            other = os.pread(self._supervisor, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise CannotLock(
                f"Another serve (process {other}) uses this data directory. Stop it first, "
                "or choose another directory with MOXSITE_DATA."
            )
        os.ftruncate(self._supervisor, 0)
        os.pwrite(self._supervisor, f"{os.getpid()}\n".encode(), 0)
        deadline = clock.monotonic() + wait_seconds
        while not _lock(self.children):
            if clock.monotonic() > deadline:
                raise CannotLock(
                    "Processes of a serve that was killed still run on this data directory. "
                    "Stop them, then start again."
                )
            threading.Event().wait(_POLL_SECONDS)

    def release(self) -> None:
        """Let go of both."""
        for descriptor in (self._supervisor, self.children):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _open(path: Path) -> int:
    """Root may open it in a folder that belongs to another user, so links of both kinds are refused."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise CannotLock(f"The lock {path} can't be opened: {error.strerror}.") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        os.close(descriptor)
        raise CannotLock(f"The lock {path} is a link to something else. Remove it.")
    return descriptor


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
