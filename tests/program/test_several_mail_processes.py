"""serve with several processes on the mail ports."""

import os
import signal
import smtplib
from pathlib import Path

import pytest

from moxsite.supervisor.roles import ROLES, processes
from tests.program.installation import Installation, child_process
from tests.program.running import Program

pytestmark = pytest.mark.long


def test_each_process_of_a_role_but_the_first_has_a_number() -> None:
    names = [role.name for role in processes(ROLES, {"smtp": 3})]
    assert [name for name in names if name.startswith("smtp")] == ["smtp", "smtp-2", "smtp-3"]
    assert len(names) == len(ROLES) + 2


def test_they_share_the_ports_and_one_that_dies_is_not_missed(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "data")
    environment = {**installation.environment, "MOXSITE_SMTP_PROCESSES": "2"}
    with Program(["manage.py", "serve"], environment) as serving:
        pids = {}
        for _ in range(2):
            line = serving.wait_for("msg=ready", "role=smtp")
            pids["smtp-2" if "role=smtp-2" in line else "smtp"] = child_process(line)
        for pid in pids.values():
            os.kill(pid, signal.SIGSTOP)
            assert greeting(installation) == 220  # by the other one
            os.kill(pid, signal.SIGCONT)
        os.kill(pids["smtp-2"], signal.SIGKILL)
        for _ in range(20):
            assert greeting(installation) == 220
        serving.wait_for("msg=ready", "role=smtp-2")
        assert serving.stop() == 0


def greeting(installation: Installation) -> int:
    """The code of what port 25 says first; the session is ended."""
    with smtplib.SMTP() as client:
        code, _ = client.connect("127.0.0.1", 25 + installation.offset)
        return code
