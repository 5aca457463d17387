"""Values of several processes: added up while they live, and kept when they are gone."""

import subprocess
import sys
from pathlib import Path

import pytest

from mail.metrics.files import OwnFile, collect
from mail.metrics.metric import Counter, Gauge, Histogram
from tests.program.running import ROOT

GAUGES = frozenset({"open"})

PROCESS = """
import os, signal, sys
from pathlib import Path
from mail.metrics.registry import counter, gauge
from mail.metrics.reporting import report_metrics
letters, open_ = counter("letters_total", "Letters."), gauge("open", "Open.")
report_metrics(Path(sys.argv[1]), "smtp")
for line in sys.stdin:
    if line == "die\\n":
        os.kill(os.getpid(), signal.SIGKILL)
    letters.add(amount=int(line))
    open_.add()
    print("counted", flush=True)
"""


class Process:
    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROCESS, folder],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def count(self, amount: int) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(amount, file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "counted\n"

    def end(self, word: str = "") -> None:
        self._process.communicate(word)


def counted(folder: Path) -> float:
    value = collect(folder, GAUGES).sums.get("letters_total", {}).get((), 0.0)
    assert isinstance(value, float)
    return value


def test_counts_of_processes_that_ended_or_were_killed_are_kept(tmp_path: Path) -> None:
    first, second = Process(tmp_path), Process(tmp_path)
    first.count(5)
    first.end()
    second.count(7)
    found = collect(tmp_path, GAUGES)
    assert found.roles == {"smtp": 1}
    assert counted(tmp_path) >= 5
    second.end()
    found = collect(tmp_path, GAUGES)
    assert (found.roles, found.sums["letters_total"]) == ({}, {(): 12.0})
    assert "open" not in found.sums
    assert sorted(path.name for path in tmp_path.iterdir()) == ["total.json", "total.lock"]
    killed = Process(tmp_path)
    killed.count(1)
    killed.end("die\n")
    assert 12 <= counted(tmp_path) <= 13


def test_living_processes_are_added_up_and_their_files_stay(tmp_path: Path) -> None:
    letters, open_ = Counter("letters_total", "Letters."), Gauge("open", "Open.")
    seconds = Histogram("seconds", "Seconds.", (), (1.0,))
    letters.add(amount=3)
    open_.add()
    seconds.observe(amount=0.5)
    files = [OwnFile(tmp_path, role) for role in ("smtp", "delivery", "delivery")]
    for file in files:
        file.write([letters, open_, seconds])
    for _ in range(2):
        found = collect(tmp_path, GAUGES)
        assert found.roles == {"smtp": 1, "delivery": 2}
        assert found.sums == {
            "letters_total": {(): 9.0},
            "open": {(): 3.0},
            "seconds": {(): [3.0, 0.0, 1.5]},
        }


def test_a_death_between_the_total_and_the_removal_of_a_file_counts_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Process(tmp_path)
    process.count(5)
    process.end()

    def die(path: Path, missing_ok: bool = False) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Path, "unlink", die)
        with pytest.raises(KeyboardInterrupt):
            collect(tmp_path, GAUGES)
    assert (tmp_path / "total.json").exists()
    assert len(list(tmp_path.glob("smtp-*.json"))) == 1
    assert counted(tmp_path) == 5
    assert list(tmp_path.glob("smtp-*")) == []
    assert counted(tmp_path) == 5


def test_a_file_that_can_t_be_read_does_not_hide_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    letters = Counter("letters_total", "Letters.")
    letters.add()
    kept, broken = OwnFile(tmp_path, "smtp"), OwnFile(tmp_path, "web")
    kept.write([letters])
    broken.write([letters])
    next(tmp_path.glob("web-*.json")).write_bytes(b"{")
    assert counted(tmp_path) == 1
    assert "metrics can't be read" in caplog.text
