"""What the supervisor does with children that obey, hang and die."""

import os
import re
import signal
from pathlib import Path

from tests.program.running import ROOT, Program, clean_environment

SUPERVISING = "tests/program/supervising.py"


def supervise(tmp_path: Path, *roles: str) -> Program:
    """A supervisor over these stand-in roles."""
    return Program([SUPERVISING, *roles], clean_environment(tmp_path, PYTHONPATH=str(ROOT)))


def process_number(line: str) -> int:
    """The number in the line in which a child tells it."""
    match = re.search(r"process (\d+)", line)
    assert match
    return int(match.group(1))


def test_readiness_of_all_children_is_reported_once(tmp_path: Path) -> None:
    with supervise(tmp_path, "smtp:obeys:SMTP:9", "web:obeys:WEB:9", "worker:obeys:WORKER:9") as program:
        program.wait_for("all are ready")
        assert program.stop() == 0
        assert program.text.count("all are ready") == 1


def test_a_stop_ends_one_stage_after_the_other(tmp_path: Path) -> None:
    with supervise(tmp_path, "worker:obeys:WORKER:9", "web:obeys:WEB:9", "smtp:obeys:SMTP:9") as program:
        program.wait_for("all are ready")
        assert program.stop() == 0
        ended = [line.split()[0] for line in program.lines if line.endswith(" ends\n")]
        assert ended == ["smtp", "web", "worker"]


def test_a_child_that_does_not_stop_in_its_grace_is_killed_and_the_status_tells(tmp_path: Path) -> None:
    with supervise(tmp_path, "stuck:stubborn:SMTP:0.2", "web:obeys:WEB:9") as program:
        program.wait_for("all are ready")
        assert program.stop() == 1
        assert "killed, it did not stop" in program.text
        assert program.lines.index("web ends\n") > 0


def test_a_signal_that_comes_twice_at_once_still_stops_cleanly(tmp_path: Path) -> None:
    with supervise(tmp_path, "web:obeys:WEB:9") as program:
        program.wait_for("all are ready")
        program.process.send_signal(signal.SIGINT)
        assert program.stop(signal.SIGINT) == 0


def test_a_killed_child_is_started_again_and_others_go_on(tmp_path: Path) -> None:
    with supervise(tmp_path, "web:obeys:WEB:9", "worker:obeys:WORKER:9") as program:
        victim = process_number(program.wait_for("web runs"))
        program.wait_for("all are ready")
        os.kill(victim, signal.SIGKILL)
        program.wait_for("starts again", "role=web", "seconds=0.5")
        assert process_number(program.wait_for("web runs")) != victim
        assert program.stop() == 0
        assert program.text.count("worker runs") == 1


def test_a_child_that_keeps_dying_is_tried_less_often_and_reported(tmp_path: Path) -> None:
    with supervise(tmp_path, "broken:dies:SMTP:9", "web:obeys:WEB:9") as program:
        for seconds in ("0.5", "1.0", "2.0", "4.0"):
            program.wait_for("starts again", "role=broken", f"seconds={seconds}")
        program.wait_for("level=error", "keeps dying", "seconds=30.0", "deaths=5")
        assert program.stop() == 0


def test_hangup_is_passed_on_as_reload(tmp_path: Path) -> None:
    with supervise(tmp_path, "web:obeys:WEB:9", "smtp:obeys:SMTP:9") as program:
        program.wait_for("all are ready")
        program.process.send_signal(signal.SIGHUP)
        program.wait_for(" reloads")
        program.wait_for(" reloads")
        assert program.stop() == 0


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with supervise(tmp_path, "web:obeys:WEB:9", "worker:obeys:WORKER:9") as program:
        program.wait_for("all are ready")
        assert program.stop(signal.SIGKILL) == -signal.SIGKILL
        assert "web ends" in program.text
        assert "worker ends" in program.text
