"""Waiting for the right to write before it is settled what will be written."""

from contextlib import AbstractContextManager, nullcontext

from django.db import DEFAULT_DB_ALIAS, connections

from mail.database.sqlite.base import DatabaseWrapper as SqliteConnection


def turn_to_write() -> AbstractContextManager[object]:
    """Entering waits until this thread may write: on SQLite until no other process does, else not at all.

    The first transaction within needs no other turn, and its end lets the next writer in.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if not isinstance(connection, SqliteConnection):
        return nullcontext()
    connection.ensure_connection()
    return nullcontext() if connection.turnstile is None else connection.turnstile.turn()
