"""Putting what SQLite's log holds where it belongs, while others go on writing to the log."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from django.db import Error, connection

log = logging.getLogger(__name__)

_PAGES: Final = 1000
"""In the log, after which a commit writes it back itself: SQLite's own measure."""

_STEP: Final = 8 << 20
"""Bytes that wait, beyond which a thread is told to look after them."""

_LONGEST: Final = 64 << 20
"""Bytes after which whoever writes waits until all of it is done. Only then does the log begin anew."""


class WriteBack:
    """Keeps the log short behind a writer that does not wait for the disk. Used by the writer's thread.

    Left to SQLite it happens within a commit, with the lock held and the thread busy all the while. Here it
    happens on a thread of its own, which keeps no other from writing. Other databases see to it themselves.
    """

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._running: Future[None] | None = None
        self._waiting = 0
        self._length = 0
        self._has_taken_over = False

    def takes_over(self, wanted: bool) -> None:
        """Whether the next commits leave the log to it, unless that gets far too long.

        It takes long only when much is written, and of that most is no promise.
        """
        if wanted != self._has_taken_over and connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA wal_autocheckpoint = {_PAGES * (10 if wanted else 1)}")
            self._has_taken_over = wanted

    def note(self, size: int) -> None:
        """So many bytes were committed without waiting for the disk."""
        if connection.vendor != "sqlite":
            return
        self._waiting += size
        self._length += size
        if self._length > _LONGEST:
            self._length = self._waiting = 0
            self._join()
            _write_back()
        elif self._waiting > _STEP and (self._running is None or self._running.done()):
            self._waiting = 0
            self._thread = self._thread or ThreadPoolExecutor(1, thread_name_prefix="store-write-back")
            self._running = self._thread.submit(_write_back)

    def stop(self) -> None:
        """Finish what was begun, and end the thread."""
        if self._thread is not None:
            self._thread.submit(connection.close)
            self._thread.shutdown()
            self._thread = None

    def _join(self) -> None:
        if self._running is not None:
            wait([self._running])


def _write_back() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except Error as error:  # such as a full disk; nothing is lost, the log grows on
        log.warning("the log of the database was not written back", exc_info=error)
