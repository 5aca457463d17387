"""Processor time of process trees, from proc(5)."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def processor_ms(roots: Iterable[int]) -> float:
    """Milliseconds that these processes, their children and ended children have used so far."""
    statuses = dict(filter(None, map(_status, Path("/proc").glob("[0-9]*"))))
    wanted = set(roots)
    while more := {pid for pid, (parent, _) in statuses.items() if parent in wanted} - wanted:
        wanted |= more
    return _TICK_MS * sum(ticks for pid, (_, ticks) in statuses.items() if pid in wanted)


def _status(folder: Path) -> tuple[int, tuple[int, int]] | None:
    """The process's number, its parent's, and the ticks of itself and of ended children."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None  # it has ended meanwhile
    return int(folder.name), (int(fields[1]), sum(map(int, fields[11:15])))
