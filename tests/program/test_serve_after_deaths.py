"""Processes die; connections and the next serve do not suffer."""

import os
import signal
from pathlib import Path

import pytest

from tests.program.installation import Installation, child_process, unix_answer

pytestmark = pytest.mark.long


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "data")


def test_a_killed_web_process_comes_back_on_the_same_sockets(installation: Installation) -> None:
    with installation.serve() as program:
        pid = child_process(program.wait_for("msg=ready", "role=web"))
        os.kill(pid, signal.SIGTERM)  # a clean end tidies up; it must leave the sockets alone
        program.wait_for("msg=ended", "role=web")
        status, _ = installation.get("/healthz")  # waits in the socket until the next process takes it
        assert status == 200
        assert b" 200 OK" in unix_answer(str(installation.data / "run" / "pages.sock"))
        assert program.stop() == 0


def test_after_kill_9_of_serve_its_children_stop_and_a_new_one_takes_over_at_once(
    installation: Installation,
) -> None:
    with installation.serve() as first:
        first.wait_for("msg=serving")
        first.process.send_signal(signal.SIGKILL)
        with installation.serve() as second:
            second.wait_for("msg=serving")
            assert installation.get("/healthz")[0] == 200
            assert second.stop() == 0
        assert first.ended() == -signal.SIGKILL
