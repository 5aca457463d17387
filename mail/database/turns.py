"""Waiting for the right to write before it is settled what will be written."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DEFAULT_DB_ALIAS, connections

from mail.database.sqlite.base import DatabaseWrapper as SqliteConnection


@contextmanager
def turn_to_write() -> Iterator[None]:
    """Entering waits until this thread may write: on SQLite until no other process does, else not at all.

    The first transaction within needs no other turn, and its end lets the next writer in.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    turnstile = connection.turnstile if isinstance(connection, SqliteConnection) else None
    if turnstile is None:
        yield
        return
    with suppress(OSError):  # such as no descriptor left; the transaction meets the same, and says so
        turnstile.take()
    try:
        yield
    finally:
        turnstile.release()
