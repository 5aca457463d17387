"""Template databases: migrated once, copied for each test, on SQLite and on PostgreSQL."""

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections

from moxsite.databases import database_settings
from tests.world.postgres import PostgresServer, missing_binaries


class Databases:
    """Makes the templates when they are first needed and removes everything at the end."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sqlite_template: Path | None = None
        self._postgres: PostgresServer | None = None
        self._numbers = itertools.count(1)

    def missing(self, kind: str) -> str | None:
        """Why databases of this kind can't be used here, or None."""
        return missing_binaries() if kind == "postgresql" else None

    @contextmanager
    def fresh(self, kind: str, folder: Path) -> Iterator[str]:
        """A copy of the template as Django's default database, in every thread that connects from now on."""
        if kind == "sqlite":
            target = folder / "moxsite.sqlite3"
            shutil.copyfile(self._sqlite(), target)
            with _default_database(f"sqlite:///{target}"):
                yield f"sqlite:///{target}"
            return
        server = self._postgresql()
        name = f"test{next(self._numbers)}"
        server.execute(f"CREATE DATABASE {name} TEMPLATE template_moxsite")
        try:
            with _default_database(server.url(name)):
                yield server.url(name)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def empty(self, kind: str, folder: Path) -> Iterator[str]:
        """DATABASE_URL of a database without any table, which Django does not use."""
        if kind == "sqlite":
            yield f"sqlite:///{folder / 'empty.sqlite3'}"
            return
        server = self._postgresql()
        name = f"empty{next(self._numbers)}"
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield server.url(name)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def use(self, url: str) -> Iterator[None]:
        """Another database as Django's default for a while."""
        with _default_database(url):
            yield

    @contextmanager
    def of_migrations(self, kind: str, folder: Path, *targets: tuple[str, str]) -> Iterator[str]:
        """A database with the tables of earlier versions, as Django's default database."""
        with self.empty(kind, folder) as url, _default_database(url):
            for app, name in targets:
                call_command("migrate", app, name, verbosity=0)
            yield url

    def put_sqlite(self, folder: Path) -> None:
        """A migrated database where a data directory has it."""
        shutil.copyfile(self._sqlite(), folder / "moxsite.sqlite3")

    def close(self) -> None:
        if self._postgres is not None:
            self._postgres.stop()
        shutil.rmtree(self._root, ignore_errors=True)

    def _sqlite(self) -> Path:
        if self._sqlite_template is None:
            path = self._root / "template.sqlite3"
            _migrate(f"sqlite:///{path}")
            self._sqlite_template = path
        return self._sqlite_template

    def _postgresql(self) -> PostgresServer:
        if self._postgres is None:
            self._postgres = PostgresServer(self._root / "postgresql")
            self._postgres.execute("CREATE DATABASE template_moxsite")
            _migrate(self._postgres.url("template_moxsite"))
        return self._postgres


def _migrate(url: str) -> None:
    with _default_database(url):
        call_command("migrate", verbosity=0)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _default_database(url: str) -> Iterator[None]:
    """Point Django and child processes (DATABASE_URL) to a database."""
    before, url_before = connections.settings["default"], os.environ.get("DATABASE_URL")
    connections["default"].close()
    described = {**before, **database_settings(url, Path("/nonexistent"))}
    connections.settings["default"] = connections.configure_settings({"default": described})["default"]
    del connections["default"]
    os.environ["DATABASE_URL"] = url
    try:
        yield
    finally:
        connections["default"].close()
        del connections["default"]
        connections.settings["default"] = before
        os.environ.pop("DATABASE_URL", None)
        if url_before is not None:
            os.environ["DATABASE_URL"] = url_before
