"""Processor time of process trees, from proc(5)."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def processor_ms(roots: Iterable[int]) -> float:
    """Milliseconds that these processes, their children and ended children have used so far."""
    return _TICK_MS * sum(ticks for _, ticks in _tree(roots).values())


def memory_mb(roots: Iterable[int]) -> float:
    """Megabytes that these processes and their children hold, what they share counted in shares (PSS)."""
    return sum(map(_proportional_kib, _tree(roots))) * 1024 / 1e6


def _tree(roots: Iterable[int]) -> dict[int, tuple[int, int]]:
    """The processes and their children, with the number of the parent and the ticks of each."""
    statuses = dict(filter(None, map(_status, Path("/proc").glob("[0-9]*"))))
    wanted = set(roots)
    while more := {pid for pid, (parent, _) in statuses.items() if parent in wanted} - wanted:
        wanted |= more
    return {pid: status for pid, status in statuses.items() if pid in wanted}


def _proportional_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # it has ended meanwhile
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _status(folder: Path) -> tuple[int, tuple[int, int]] | None:
    """The process's number, its parent's, and the ticks of itself and of ended children."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None  # it has ended meanwhile
    return int(folder.name), (int(fields[1]), sum(map(int, fields[11:15])))
