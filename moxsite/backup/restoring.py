"""Making an installation of a backup: never over another one, and checked from the first byte to the last.

The order makes a restore that was cut off one that can be repeated: first the secret key, the database last.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from moxsite.backup import postgresql_copy, sqlite_copy
from moxsite.backup.child import run_on
from moxsite.backup.errors import BackupError
from moxsite.backup.files import copy, sync_folder
from moxsite.backup.key import place_secrets, usable_key
from moxsite.backup.manifest import Manifest
from moxsite.backup.states import check_known, is_up_to_date, newest_of
from moxsite.supervisor.locking import CannotLock, ServeLock
from moxsite.supervisor.serve import CannotServe, create_folders

Say = Callable[[str], object]
Finish = Callable[[str | None], None]
"""What follows on the database with this URL; None: the one that the environment names."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command on the restored database, and what is said before it."""

    text: str
    command: tuple[str, ...]


def restore_backup(folder: Path, say: Say, *, hold: bool = False) -> None:
    """Restore into the data directory and the database that the environment names. Raises BackupError.

    With `hold` all mail that waits in the queue is put on hold, because some of it was delivered since.
    """
    manifest = Manifest.read(folder)
    if manifest.database != connection.vendor:
        raise BackupError(
            f"This backup is of {manifest.database}, but DATABASE_URL says {connection.vendor}. "
            "Set DATABASE_URL to a database of that kind."
        )
    data: Path = settings.DATA
    try:
        create_folders(data)
        lock = ServeLock(data / "run")
    except (CannotServe, CannotLock) as error:
        raise BackupError(str(error)) from error
    try:
        lock.take(0)
        _restore(folder, manifest, data, say, hold)
    except CannotLock as error:
        raise BackupError(str(error)) from error
    except OSError as error:
        raise BackupError(f"The backup can't be restored: {error}") from error
    finally:
        lock.release()


def _restore(folder: Path, manifest: Manifest, data: Path, say: Say, hold: bool) -> None:
    _refuse_overwriting()
    check_known(MigrationLoader(None), manifest.migrations)
    key = usable_key(folder, manifest)
    say(f"Reading the backup of {manifest.made}, made by moxsite {manifest.version}.")
    manifest.check_files(folder)
    place_secrets(folder, manifest, data)
    finish = partial(_finish, _steps(manifest, hold), key, say)
    if manifest.database == "sqlite":
        _restore_sqlite(folder, finish)
    else:
        _restore_postgresql(folder, manifest, finish)


def _refuse_overwriting() -> None:
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        if path.exists():
            raise BackupError(
                f"There is a database already: {path}. Move it away, or name another directory with "
                "MOXSITE_DATA; nothing is overwritten."
            )
    elif not postgresql_copy.is_empty():
        raise BackupError(
            "The database that DATABASE_URL names is not empty. Create a new one; nothing is overwritten."
        )


def _restore_sqlite(folder: Path, finish: Finish) -> None:
    """Beside its place, until it is checked."""
    path = Path(str(connection.settings_dict["NAME"]))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.restoring")
    _remove_with_companions(draft)
    try:
        copy(folder / sqlite_copy.NAME, draft)
        with closing(sqlite3.connect(draft)) as connected:
            connected.execute("PRAGMA journal_mode = WAL").fetchall()
        finish(f"sqlite:///{draft}")
        with closing(sqlite3.connect(draft)) as connected:
            connected.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        os.link(draft, path)  # unlike a rename, replaces nothing
        sync_folder(path.parent)
    finally:
        _remove_with_companions(draft)


def _restore_postgresql(folder: Path, manifest: Manifest, finish: Finish) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(newest_of(executor.loader, manifest.migrations))
    postgresql_copy.fill(manifest.tables, folder)
    connection.close()
    finish(None)


def _steps(manifest: Manifest, hold: bool) -> list[Step]:
    """The commands that follow once the rows are there."""
    steps = [Step("Reading every message.", ("verify",))]
    if not is_up_to_date(manifest.migrations):
        migrate = ("migrate", "--no-input", "--verbosity", "0")
        steps.insert(0, Step("Bringing the tables to this version.", migrate))
    if hold:
        steps.append(Step("Holding the mail that waits.", ("queue", "hold", "--all")))
    return steps


def _finish(steps: list[Step], key: str, say: Say, database_url: str | None) -> None:
    """In processes that know the restored key."""
    for step in steps:
        say(step.text)
        if said := run_on(database_url, key, *step.command):
            say(said)


def _remove_with_companions(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal", ".next", ".main"):
        path.with_name(path.name + end).unlink(missing_ok=True)
