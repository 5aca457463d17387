"""A copy of a PostgreSQL database that is in use, and filling an empty one from it.

All tables are read in one repeatable-read transaction, as pg_dump does, and kept in COPY's binary form. No
program of PostgreSQL is needed on this machine, and none of the server's version.
"""

from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from psycopg import sql

from moxsite.backup.facts import Facts, read_facts
from moxsite.backup.files import HashedFile, pieces
from moxsite.backup.manifest import CopiedTable

FOLDER: Final = "tables"
_LAST: Final = "mail_generation"
"""Triggers count it up while the others are filled."""

_COLUMNS: Final = """
    SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0
      AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY c.relname, a.attnum
"""
_COUNTERS: Final = """
    SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
      AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL
"""


def copy_postgresql(folder: Path) -> tuple[Facts, dict[str, CopiedTable]]:
    """Put one file for each table into the folder."""
    (folder / FOLDER).mkdir(mode=0o700)
    copied = {}
    with transaction.atomic():
        _ask("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", rows=False)
        facts = read_facts(_ask)
        for table, columns in _tables().items():
            rows = _copy_out(table, columns, folder / FOLDER / f"{table}.copy")
            copied[table] = CopiedTable(columns, rows)
    return facts, copied


def is_empty() -> bool:
    """Whether the database has no tables yet."""
    return not _tables()


def fill(tables: dict[str, CopiedTable], folder: Path) -> None:
    """Replace the rows of all tables by those of a backup, in one transaction.

    The tables must be those of the backup's state of migration.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        present = [sql.Identifier(name).as_string() for name in _tables()]
        cursor.execute(f"TRUNCATE {', '.join(present)}")
        for table in sorted(tables, key=lambda name: (name == _LAST, name)):
            _copy_in(table, tables[table].columns, folder / FOLDER / f"{table}.copy")
        cursor.execute(_COUNTERS)
        for table, column, counter in cursor.fetchall():
            statement = sql.SQL("SELECT setval({}, (SELECT max({}) FROM {}))")
            cursor.execute(
                statement.format(counter, sql.Identifier(column), sql.Identifier(table)).as_string()
            )


def _tables() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, column in _ask(_COLUMNS):
        found.setdefault(table, []).append(column)
    return found


def _copy_out(table: str, columns: list[str], path: Path) -> int:
    with HashedFile(path) as file, _raw_cursor() as cursor:
        with cursor.copy(_statement(table, columns, "TO STDOUT")) as copying:
            for piece in copying:
                file.write(piece)
        return int(cursor.rowcount)


def _copy_in(table: str, columns: list[str], path: Path) -> None:
    with _raw_cursor() as cursor, cursor.copy(_statement(table, columns, "FROM STDIN")) as copying:
        for piece in pieces(path):
            copying.write(piece)


def _statement(table: str, columns: list[str], direction: str) -> str:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    form = sql.SQL("COPY {} ({}) " + direction + " (FORMAT binary)")
    return form.format(sql.Identifier(table), listed).as_string()


def _raw_cursor() -> Any:
    """psycopg's own: COPY is not in Django's interface."""
    connection.ensure_connection()
    assert connection.connection is not None
    return connection.connection.cursor()


def _ask(statement: str, *, rows: bool = True) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if rows else []
