"""Making a backup while everything runs."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from mail import clock
from moxsite.backup.errors import BackupError
from moxsite.backup.files import HashedFile, copy, sha256, sync_folder
from moxsite.backup.manifest import NAME, CopiedTable, ListedFile, Manifest, fingerprint
from moxsite.backup.postgresql_copy import copy_postgresql
from moxsite.backup.sqlite_copy import copy_sqlite
from moxsite.configfile import ConfigurationChanged, export_text
from moxsite.models import BackupRecord
from moxsite.version import VERSION

SECRETS = "secrets"
CONFIGURATION = "configuration.toml"
"""For people to read; restoring does not need it."""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of it: bytes of all files, messages, and whether the secret key is among them."""

    size: int
    messages: int
    key_included: bool


def make_backup(folder: Path) -> Made:
    """Copy database and secrets into a folder that is new or empty.

    The database is copied as it is at one moment. Raises BackupError, and then leaves nothing.
    """
    _take(folder)
    try:
        return _fill(folder)
    except ConfigurationChanged as error:
        _leave(folder)
        raise BackupError("The configuration changes faster than it can be read. Try again.") from error
    except (OSError, DatabaseError) as error:
        _leave(folder)
        raise BackupError(f"The backup was not made: {error}") from error
    except BaseException:
        _leave(folder)
        raise


def _fill(folder: Path) -> Made:
    tables: dict[str, CopiedTable] = {}
    if connection.vendor == "sqlite":
        facts = copy_sqlite(Path(str(connection.settings_dict["NAME"])), folder)
    else:
        facts, tables = copy_postgresql(folder)
    key_included = _copy_secrets(settings.DATA / SECRETS, folder / SECRETS)
    is_current = _is_current()
    if is_current:
        _write_configuration(folder)
    manifest = Manifest(
        version=VERSION,
        made=f"{clock.as_datetime(clock.now()):%Y-%m-%dT%H:%M:%SZ}",
        database=connection.vendor,
        migrations=facts.migrations,
        generation=facts.generation,
        messages=facts.messages,
        key_fingerprint=fingerprint(settings.MOXSITE_SECRET_KEY),
        key_included=key_included,
        files=_listed(folder),
        tables=tables,
    )
    manifest.write(folder)
    sync_folder(folder)
    made = Made(sum(file.size for file in manifest.files.values()), facts.messages, key_included)
    if is_current:
        BackupRecord.objects.create(
            moment=clock.now(), folder=str(folder)[:500], size=made.size, messages=made.messages
        )
    return made


def _take(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BackupError(f"{folder} is not empty. Name a new directory; nothing is ever overwritten.")
        folder.chmod(0o700)
    except OSError as error:
        raise BackupError(f"{folder} can't be used: {error.strerror}.") from error


def _leave(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _copy_secrets(source: Path, target: Path) -> bool:
    """Whether the secret key, which opens what is sealed in the database, is among them."""
    target.mkdir(mode=0o700)
    for path in sorted(source.rglob("*")) if source.is_dir() else []:
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(mode=0o700)
        elif path.is_file() and not path.is_symlink():
            copy(path, place)
    key = target / "key"
    if not key.is_file():
        return False
    if key.read_bytes().strip() != settings.MOXSITE_SECRET_KEY:  # the one of the environment is in use
        key.unlink()
        return False
    return True


def _is_current() -> bool:
    """Whether no migration waits: the program knows the database only by its newest tables."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _write_configuration(folder: Path) -> None:
    with HashedFile(folder / CONFIGURATION) as file:
        file.write(export_text().encode())


def _listed(folder: Path) -> dict[str, ListedFile]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
    return {
        path.relative_to(folder).as_posix(): ListedFile(path.stat().st_size, sha256(path)) for path in paths
    }
