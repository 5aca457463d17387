"""Waiting for the disk after a commit, while others may write."""

import os

from django.db import DEFAULT_DB_ALIAS, connections

from mail.database.sqlite.base import DatabaseWrapper as SqliteConnection


class CommitLog:
    """Where the commits of one thread go first, on SQLite. Elsewhere the database itself waits for the disk.

    With synchronous=FULL SQLite waits within the commit, and keeps its write lock all the while.
    """

    def __init__(self) -> None:
        """From now on commits of this thread wait for no disk, only `sync` does."""
        connection = connections[DEFAULT_DB_ALIAS]
        self._path = ""
        self._file: int | None = None
        if isinstance(connection, SqliteConnection):
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous = NORMAL")
            # It lies beside what a link leads to.
            self._path = f"{os.path.realpath(connection.settings_dict['NAME'])}-wal"

    def sync(self) -> None:
        """Wait until what this thread has committed survives a loss of power. Raises OSError.

        What is not in the log any more has been synced by whoever wrote it back into the database.
        """
        if not self._path:
            return
        if self._file is None:
            # It stays the same file as long as the thread's connection is open, and SQLite has no locks on it
            # that closing it would drop.
            self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        os.fdatasync(self._file)

    def close(self) -> None:
        """The thread commits no more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
