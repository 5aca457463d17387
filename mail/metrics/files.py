"""The values of all processes in one folder, so that one of them can tell them all.

Each process has a file of its values and holds a lock on another beside it, which ends with the process
however that came about. What a dead process counted is added to `total.json`, whose `taken` names the files
that are in it: a death between writing the total and removing a file counts nothing twice.
"""

import contextlib
import fcntl
import logging
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mail.metrics.metric import Metric
from mail.metrics.sums import Sums, add, current_sums, decode, encode

log = logging.getLogger(__name__)

_TOTAL = "total.json"
_TOTAL_LOCK = "total.lock"


class OwnFile:
    """The file of this process. `role` is a word for what it does."""

    def __init__(self, folder: Path, role: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The number of a process comes again, the rest of the name does not.
        name = f"{role}-{os.getpid()}-{secrets.token_hex(4)}"
        self._path = folder / f"{name}.json"
        self._role = role
        self._written = b""
        with _locked(folder / _TOTAL_LOCK):
            self._lock = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def write(self, metrics: Iterable[Metric]) -> None:
        """Put the values in place of the earlier ones, if anything has changed. Raises OSError."""
        data = encode(current_sums(metrics), role=self._role, pid=os.getpid())
        if data != self._written:
            _replace(self._path, data)
            self._written = data


@dataclass(slots=True)
class Collected:
    """Values of all processes together, and how many there are of each role."""

    sums: Sums = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)


def collect(folder: Path, gauges: frozenset[str]) -> Collected:
    """Add up the living and the dead, whose files go. Of the dead `gauges` do not count. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(folder / _TOTAL_LOCK):
        dead, living = _files(folder)
        total = _total_with(folder, dead, gauges)
        collected = Collected(total)
        for path in living:
            sums, facts = _read(path)
            add(collected.sums, sums)
            role = str(facts.get("role", ""))
            if role:
                collected.roles[role] = collected.roles.get(role, 0) + 1
    return collected


def _total_with(folder: Path, dead: list[Path], gauges: frozenset[str]) -> Sums:
    """The kept total, with what the dead had counted."""
    total, facts = _read(folder / _TOTAL)
    taken = facts.get("taken")
    already = set(taken) if isinstance(taken, list) else set()
    fresh = [path for path in dead if path.name not in already]
    for path in fresh:
        sums, _ = _read(path)
        add(total, sums, only=frozenset(sums) - gauges)
    if fresh:
        _replace(folder / _TOTAL, encode(total, taken=[path.name for path in dead]))
    for path in dead:
        path.unlink(missing_ok=True)
        path.with_suffix(".lock").unlink(missing_ok=True)
    return total


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of dead and of living processes. A dead one may have left a lock without values."""
    dead: list[Path] = []
    living: list[Path] = []
    for lock in sorted(folder.glob("*.lock")):
        if lock.name != _TOTAL_LOCK:
            (living if _is_held(lock) else dead).append(lock.with_suffix(".json"))
    return dead, living


def _is_held(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _read(path: Path) -> tuple[Sums, dict[str, object]]:
    """Values and facts of a file; none where there is no usable one."""
    try:
        sums, facts = decode(path.read_bytes())
    except FileNotFoundError:
        return {}, {}
    except (OSError, ValueError) as error:
        log.warning("metrics can't be read", extra={"fields": {"file": str(path), "reason": str(error)}})
        return {}, {}
    return sums, dict(facts)


def _replace(path: Path, data: bytes) -> None:
    """Readers see the old content or the new one."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(data)
    fresh.replace(path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
