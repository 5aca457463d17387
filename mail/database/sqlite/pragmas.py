"""The SQLite settings that moxsite's promises rest on, and the check that they hold."""

import sqlite3

from mail.database.turnstile import Turnstile

PAGE_SIZE = 16384

# name, value to set, value that reading it gives
EXPECTED = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("secure_delete", "OFF", 0),
    ("mmap_size", "0", 0),
    ("cache_size", "-2000", -2000),
    ("foreign_keys", "ON", 1),
)


def prepare(connection: sqlite3.Connection, turnstile: Turnstile | None) -> None:
    """Set what every connection needs; on a database without pages also what only a new one takes."""
    if turnstile is None or _is_prepared(connection):
        _set(connection)
        return
    with turnstile.turn():  # two processes may open a new database at once
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _set(connection)


def deviations(connection: sqlite3.Connection) -> list[str]:
    """What differs from the expected settings, one sentence each."""
    found = []
    for name, _, expected in (*EXPECTED, ("page_size", "", PAGE_SIZE), ("auto_vacuum", "", 2)):
        actual = connection.execute(f"PRAGMA {name}").fetchone()
        if actual is None or actual[0] != expected:
            found.append(f"{name} is {actual[0] if actual else 'unknown'}, not {expected}")
    return found


def _is_prepared(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA page_count").fetchone()[0])


def _set(connection: sqlite3.Connection) -> None:
    for name, value, _ in EXPECTED:
        connection.execute(f"PRAGMA {name} = {value}").fetchall()
