"""What commands say of a database that is empty, older, or not there."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from moxsite.env import EX_CONFIG
from tests.program.running import clean_environment, manage

pytestmark = pytest.mark.only_database("sqlite")


@pytest.mark.parametrize("command", [["queue", "list"], ["runworker"], ["backup", "copy"]])
def test_an_empty_database_is_named_with_both_ways_on(tmp_path: Path, command: list[str]) -> None:
    done = manage(command, clean_environment(tmp_path / "data"))
    assert done.returncode == EX_CONFIG
    assert "There is nothing in the database yet" in done.stderr
    assert str(tmp_path / "data" / "moxsite.sqlite3") in done.stderr
    assert "quickstart" in done.stderr
    assert "MOXSITE_DATA" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_cannot_be_reached_is_a_sentence_for_every_command(tmp_path: Path) -> None:
    address = "postgresql://nobody@127.0.0.1:1/none"
    done = manage(["verify"], clean_environment(tmp_path / "data", DATABASE_URL=address))
    assert done.returncode == EX_CONFIG
    (line,) = done.stderr.splitlines()
    assert line.startswith("The database can't be used: ")
    assert line.endswith("Check DATABASE_URL and MOXSITE_DATA.")


@pytest.mark.long
def test_a_database_of_an_older_version_is_told_from_a_broken_one(tmp_path: Path) -> None:
    environment = clean_environment(tmp_path / "data")
    assert manage(["prepare"], environment).returncode == 0
    with closing(sqlite3.connect(tmp_path / "data" / "moxsite.sqlite3")) as database, database:
        database.execute("ALTER TABLE mail_account RENAME TO mail_person")
    broken = manage(["setpassword", "alice@example.org"], environment)
    assert "no such table: mail_account" in broken.stderr
    assert "older version" not in broken.stderr
    with closing(sqlite3.connect(tmp_path / "data" / "moxsite.sqlite3")) as database, database:
        database.execute("DELETE FROM django_migrations WHERE app = 'mail' AND name LIKE '0008%'")
    older = manage(["setpassword", "alice@example.org"], environment)
    assert older.returncode == EX_CONFIG
    assert "is that of an older version" in older.stderr
    assert "manage.py prepare" in older.stderr
