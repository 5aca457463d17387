"""Waiting for the disk after a commit, while others may write."""

import os

from django.db import DEFAULT_DB_ALIAS, connections

from mail.database.sqlite.base import DatabaseWrapper as SqliteConnection


def commit_without_syncing() -> None:
    """From now on commits of this thread wait for no disk on SQLite, unless `sync_commits` is called."""
    connection = connections[DEFAULT_DB_ALIAS]
    if isinstance(connection, SqliteConnection):
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = NORMAL")


def sync_commits() -> None:
    """Wait until what this thread has committed on SQLite survives a loss of power. Raises OSError.

    With synchronous=FULL SQLite does the same within the commit, and keeps its write lock all the while.
    What is not in the log any more has been synced by whoever wrote it back into the database. The file is
    opened each time: SQLite has no locks on it that closing it would drop, and it is the right one for sure.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if not isinstance(connection, SqliteConnection):
        return
    database = os.path.realpath(connection.settings_dict["NAME"])  # the log lies beside what a link leads to
    log = os.open(f"{database}-wal", os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fdatasync(log)
    finally:
        os.close(log)
