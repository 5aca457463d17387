"""serve started by root gives root up for its children."""

import os
import pwd
import re
from pathlib import Path

import pytest

from tests.program.installation import Installation, child_process


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "data")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up root")
def test_started_by_root_children_run_as_the_user_who_also_gets_the_folder(
    installation: Installation,
) -> None:
    nobody = pwd.getpwnam("nobody")
    for folder in installation.data.parents:
        if folder.stat().st_uid == 0 and folder.is_relative_to("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o011)
    with installation.serve("--user", "nobody") as program:
        try:
            pid = child_process(program.wait_for("msg=ready", "role=web"))
        except AssertionError:
            if "Permission denied" in program.text:
                pytest.skip("nobody may not read this checkout")
            raise
        assert os.stat(f"/proc/{pid}").st_uid == nobody.pw_uid
        groups = re.search(r"^Groups:(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        assert groups
        assert "0" not in groups.group(1).split()
        assert installation.get("/healthz")[0] == 200
        assert program.stop() == 0
    owners = {path.stat().st_uid for path in (installation.data, *installation.data.rglob("*"))}
    assert owners == {nobody.pw_uid}
