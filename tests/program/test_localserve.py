"""manage.py localserve: a ready-made set-up to try moxsite out."""

import signal
import sqlite3
from pathlib import Path

import pytest

from moxsite.localserve import describe, prepare_environment
from tests.program.running import Program, clean_environment, free_port_offset, manage

pytestmark = pytest.mark.long


def test_options_come_before_the_environment_and_that_before_the_defaults() -> None:
    environment = {"MOXSITE_PORT_OFFSET": "2000", "MOXSITE_DELIVER": "self", "MOXSITE_DATA": "/elsewhere"}
    prepare_environment(["--deliver", "routes", "--data=/here"], environment)
    assert environment["MOXSITE_PORT_OFFSET"] == "2000"
    assert environment["MOXSITE_DELIVER"] == "routes"
    assert environment["MOXSITE_DATA"] == "/here"
    assert environment["MOXSITE_HOSTNAME"] == "localhost"
    assert environment["MOXSITE_IPS"].startswith("127.0.0.1")


def test_no_mail_leaves_unless_asked_for() -> None:
    environment: dict[str, str] = {}
    prepare_environment([], environment)
    assert environment["MOXSITE_DELIVER"] == "self"


def test_what_is_printed_follows_the_services_that_run() -> None:
    text = describe({"http"}, 1000, Path("/data"), "self")
    assert "http://localhost:1080/" in text
    assert "Submission" not in text
    assert "No mail leaves this machine" in text
    text = describe({"http", "smtp"}, 1000, Path("/data"), "routes")
    assert "localhost:1587 with STARTTLS" in text
    assert "really sent" in text


def test_it_ends_with_addresses_and_passwords_and_keeps_what_was_changed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = clean_environment(tmp_path / "unused", MOXSITE_PORT_OFFSET=str(free_port_offset()))
    command = ["manage.py", "localserve", "--data", str(data), "--deliver", "self"]
    with Program(command, environment) as program:
        assert "mox@localhost   moxmoxmox" in program.wait_for("Mail ")
        assert "admin   moxadmin" in program.wait_for("Admin ")
        assert program.stop(signal.SIGHUP) == 0  # the terminal was closed
    with sqlite3.connect(data / "moxsite.sqlite3") as database:
        database.execute("UPDATE mail_account SET full_name = 'Somebody'")
        before = database.execute("SELECT * FROM mail_credential ORDER BY id").fetchall()
    environment["MOXSITE_DATA"] = str(data)
    assert manage(["prepare", "--tryout"], environment).returncode == 0  # as the next start does
    with sqlite3.connect(data / "moxsite.sqlite3") as database:
        assert database.execute("SELECT full_name FROM mail_account").fetchall() == [("Somebody",)]
        assert database.execute("SELECT * FROM mail_credential ORDER BY id").fetchall() == before
        addresses = database.execute("SELECT localpart FROM mail_destination").fetchall()
    assert addresses == [("mox",)]
    assert not (tmp_path / "unused").exists()
