"""quickstart as people run it, in an empty folder."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from moxsite.setup.quickstart.environment import UnusableFile, lines, load_settings, parse
from tests.setup.empty_folder import Folder

pytestmark = pytest.mark.long


def test_a_new_installation_is_complete_private_and_never_overwritten(folder: Folder) -> None:
    done = folder.manage("quickstart", "you@example.org", "--hostname", "mail.example.org")
    assert done.returncode == 0, done.stderr
    assert "example.org. IN MX 10 mail.example.org." in done.stdout
    assert "192.0.2.1 is called mail.example.org." in done.stdout
    passwords = re.findall(r"(?:[a-z2-9]{5}-){3}[a-z2-9]{5}", done.stdout)
    assert len(set(passwords)) == 2
    written = (folder.path / "moxsite.env").read_text().splitlines()
    assert written[-2:] == ["# MOXSITE_ACME_DIRECTORY=letsencrypt", "# MOXSITE_ACME_CONTACT=you@example.org"]
    kept = (folder.path / "quickstart.txt").read_text()
    assert kept in done.stdout
    assert not any(password in kept for password in passwords)
    for name, mode in (
        ("moxsite.env", 0o600),
        ("quickstart.txt", 0o600),
        ("data", 0o700),
        ("data/secrets/key", 0o600),
    ):
        assert stat.S_IMODE((folder.path / name).stat().st_mode) == mode, name
    before = {path: path.read_bytes() for path in folder.path.glob("*.*") if path.is_file()}
    again = folder.manage("quickstart", "you@example.org")
    assert (again.returncode, again.stdout) == (1, "")
    assert "There is an installation already" in again.stderr
    assert {path: path.read_bytes() for path in before} == before
    records = folder.manage("dnsrecords", "example.org", bare=True)
    assert records.stdout in kept, records.stderr
    assert "_domainkey" in records.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nonsense"], "can't be your address"),
        (["you@example.org", "--cert", "x"], "--existing-webserver"),
        (["you@example.org", "--existing-webserver", "--cert", "x"], "both"),
        (["you@example.org", "--existing-webserver", "--cert", "x", "--key", "y"], "can't be used"),
        (["you@example.org", "--hostname", "no name"], "can't be a host name"),
    ],
)
def test_what_can_t_be_done_leaves_nothing_behind(
    folder: Folder, arguments: list[str], expected: str
) -> None:
    done = folder.manage("quickstart", *arguments)
    assert done.returncode != 0
    assert expected in done.stderr
    assert list(folder.path.iterdir()) == []


def test_the_settings_file_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    values = {
        "MOXSITE_DATA": "/srv/my mail/data",
        "MOXSITE_HOSTNAME": "mail.example.org",
        "DATABASE_URL": "a=b#c",
    }
    assert parse(lines(values), tmp_path) == values


def test_the_environment_comes_first_and_a_file_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "moxsite.env"
    path.write_text("MOXSITE_HOSTNAME=file.example\nMOXSITE_PORT_OFFSET=7\n")
    path.chmod(0o600)
    environment = {"MOXSITE_ENV_FILE": str(path), "MOXSITE_HOSTNAME": "own.example"}
    load_settings(environment)
    assert (environment["MOXSITE_HOSTNAME"], environment["MOXSITE_PORT_OFFSET"]) == ("own.example", "7")
    path.chmod(0o666)
    with pytest.raises(UnusableFile, match="others can write"):
        load_settings(environment)
    path.chmod(0o600)
    path.write_text("what is this\n")
    with pytest.raises(UnusableFile, match="line 1"):
        load_settings(environment)
    load_settings({"MOXSITE_ENV_FILE": str(tmp_path / "absent")})
    assert os.environ.get("MOXSITE_PORT_OFFSET") is None


@pytest.mark.external
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit(folder: Folder) -> None:
    assert folder.manage("quickstart", "you@example.org").returncode == 0
    unit = folder.path / "moxsite.service"
    unit.write_text(
        unit.read_text().replace("User=moxsite", "User=daemon").replace("Group=moxsite", "Group=daemon")
    )
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert done.stderr == ""
