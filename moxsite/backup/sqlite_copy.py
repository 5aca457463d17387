"""A copy of an SQLite database that is in use.

SQLite's backup interface copies all pages within one read transaction: in WAL mode nobody waits for it, and
what is committed meanwhile is not in the copy. In several steps it would begin anew with every commit.
"""

import contextlib
import sqlite3
from pathlib import Path

from moxsite.backup.errors import BackupError
from moxsite.backup.facts import Facts, read_facts
from moxsite.backup.files import sync_folder

NAME = "database.sqlite3"


def copy_sqlite(database: Path, folder: Path) -> Facts:
    """Put a copy into the folder. Raises BackupError."""
    target = folder / NAME
    target.touch(mode=0o600, exist_ok=False)
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            copy.execute("PRAGMA synchronous = FULL")
            source.backup(copy)
            # A file without a journal beside it is one file to keep and to compare.
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
            found = copy.execute("PRAGMA quick_check(1)").fetchone()
            if found != ("ok",):
                raise BackupError(f"The database is damaged: {found[0]}. Run manage.py verify.")
            facts = read_facts(lambda sql: copy.execute(sql).fetchall())
    except sqlite3.Error as error:
        raise BackupError(f"The database can't be copied: {error}") from error
    sync_folder(folder)
    return facts
