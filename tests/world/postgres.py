"""A throw-away PostgreSQL server from the binaries installed on the machine."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

from mail import clock


def _binaries() -> Path | None:
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    found = shutil.which("initdb")
    for folder in [*folders, *([str(Path(found).parent)] if found else [])]:
        if (Path(folder) / "initdb").exists() and (Path(folder) / "postgres").exists():
            return Path(folder)
    return None


def missing_binaries() -> str | None:
    """Why no server can be started here, or None."""
    if _binaries() is None:
        return "PostgreSQL's server binaries are not installed"
    if os.geteuid() == 0 and not _has_user("postgres"):
        return "running as root, and there is no user postgres to run the server as"
    return None


class PostgresServer:
    """Listens on a unix socket only; durability is as in production, for the tests that kill."""

    def __init__(self, data: Path) -> None:
        folder = _binaries()
        assert folder is not None
        # A unix socket's path may have 107 bytes: pytest's folders are too deep.
        self._folder = Path(tempfile.mkdtemp(prefix="pg"))
        self._data = self._folder / "data"
        as_postgres: dict[str, object] = {}
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
            as_postgres = {"user": "postgres", "group": "postgres", "extra_groups": []}
        quiet = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "cwd": self._folder,
            **as_postgres,
        }
        subprocess.run(
            [folder / "initdb", "-D", self._data, "-U", "moxsite", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            **quiet,  # type: ignore[call-overload]
        )
        self._process = subprocess.Popen(
            [folder / "postgres", "-D", self._data, "-k", self._folder, "-c", "listen_addresses=",
             "-c", "max_connections=200", "-c", "autovacuum_naptime=5s"],
            **quiet,  # type: ignore[call-overload]
        )  # fmt: skip
        self._wait()

    def url(self, database: str) -> str:
        """DATABASE_URL of one of its databases."""
        return f"postgresql://moxsite@/{database}?host={self._folder}"

    def execute(self, sql: str) -> None:
        """Run a statement in the maintenance database."""
        with psycopg.connect(
            host=str(self._folder), user="moxsite", dbname="postgres", autocommit=True
        ) as connected:
            connected.execute(sql.encode())

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self) -> None:
        give_up = clock.monotonic() + 60
        while True:
            try:
                self.execute("SELECT 1")
                return
            except psycopg.OperationalError:
                if clock.monotonic() > give_up or self._process.poll() is not None:
                    raise
                self._process_may_start()

    def _process_may_start(self) -> None:
        try:
            self._process.wait(0.05)
        except subprocess.TimeoutExpired:
            pass


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
