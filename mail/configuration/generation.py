"""How often the configuration has changed: the number that triggers in the database count up."""

from django.db import connection


def read_generation() -> int:
    """The present generation; one row without an index, read by this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM mail_generation")
        row = cursor.fetchone()
    if row is None:
        raise LookupError("mail_generation is empty: the database was not migrated completely")
    return int(row[0])


def lock_generation() -> int:
    """The present generation; no other transaction changes the configuration until this one ends.

    Every change bumps the row by trigger, so on PostgreSQL its lock holds off all of them; SQLite has one
    writer at a time anyway.
    """
    if connection.vendor == "sqlite":
        return read_generation()
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM mail_generation FOR UPDATE")
        (number,) = cursor.fetchone()
    return int(number)
