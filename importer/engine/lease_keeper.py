"""Keeping the lease of a run, and hearing that it shall end."""

import threading

from importer.files import MIN_FREE, free_bytes
from importer.staging.lease import RenewLease
from mail import clock
from mail.store.writer import Writer

_LOOK_SECONDS = 1.0


class Stopping(Exception):
    """This process ends; another one goes on with the import."""


class DiskFull(Exception):
    """So little room is left that the import must end. The text is for people."""

    def __init__(self) -> None:
        super().__init__(
            f"The disk of the server is nearly full: {MIN_FREE // 1_000_000} MB must stay free. "
            "Nothing was brought in."
        )


class LeaseKeeper:
    """Called often while a source is read, it looks now and then whether the run may go on."""

    def __init__(self, writer: Writer, import_id: int, token: int, stopping: threading.Event) -> None:
        self._writer = writer
        self._renewal = RenewLease(import_id, token)
        self._stopping = stopping
        self._next = clock.monotonic() + _LOOK_SECONDS

    def went_on(self) -> None:
        """Raises Stopping, LeaseLost or DiskFull."""
        if self._stopping.is_set():
            raise Stopping
        if clock.monotonic() >= self._next:
            if not free_bytes():
                raise DiskFull
            self._writer.submit(self._renewal).result()
            self.committed()

    def committed(self) -> None:
        """A commit has just renewed the lease."""
        self._next = clock.monotonic() + _LOOK_SECONDS
