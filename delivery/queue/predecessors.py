"""Leases of a worker that died on this host, freed by the next one without waiting for their end.

A worker whose broker is in its own memory takes its tasks with it when it dies. While it lives it holds a
lock (flock) on a file in the data directory that carries the number its lease tokens begin with. The kernel
drops the lock when the process ends, however it ends: who can take it knows that the holder is gone.
"""

import fcntl
import os
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from delivery.queue.leasing import tokens_of
from mail.store.database_clock import database_now
from mail.store.write import Transaction, Write, applies

_PREFIX = "worker-"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class FreeLeases(Write):
    """End all leases of a dispatcher that is dead. Gives how many there were.

    What it had not begun to attempt is due at once. Where an attempt was begun it counts, and the next one
    keeps its time.
    """

    dispatcher: int


@applies(FreeLeases)
def free_leases(current: Transaction, writes: Sequence[FreeLeases]) -> list[int]:
    moment = database_now(current)
    # An attempt that was begun has put the next one's time behind the lease.
    return [
        current.run(
            "UPDATE delivery_queuedrecipient SET lease_token = 0, lease_until = 0, "
            "due = CASE WHEN due <= lease_until THEN %s ELSE due END "
            "WHERE lease_token > 0 AND lease_token BETWEEN %s AND %s AND state = 'waiting'",
            [moment, *tokens_of(write.dispatcher)],
        )
        for write in writes
    ]


class LivingWorker:
    """The lock that says that this process lives."""

    def __init__(self, folder: Path, dispatcher: int) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / f"{_PREFIX}{dispatcher}.lock"
        new = self._path.with_suffix(".new")
        self._file = os.open(new, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # Under its own name it must never be seen unlocked.
        fcntl.flock(self._file, fcntl.LOCK_EX)
        os.write(self._file, _here().encode())
        os.rename(new, self._path)

    def end(self) -> None:
        """The process ends in good order and leaves no leases that matter."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def dead_workers(folder: Path) -> Iterator[int]:
    """The dispatcher numbers of workers that certainly died on this host.

    Each is given once; then it is forgotten, so the caller frees its leases before it asks for the next.
    """
    for path in sorted(folder.glob(f"{_PREFIX}*.lock")):
        number = path.stem.removeprefix(_PREFIX)
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if number.isascii() and number.isdigit() and _was_here(os.read(file, 1000).decode()):
                yield int(number)
                path.unlink(missing_ok=True)
        except BlockingIOError:
            continue  # it lives
        finally:
            os.close(file)


def _here() -> str:
    """This host: its name, and which start of its kernel this is."""
    boot = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""
    return f"{socket.gethostname()}\n{boot}\n"


def _was_here(written: str) -> bool:
    """Whether a lock was taken by this host's kernel: those of another host may not be seen here."""
    name, boot = [*written.splitlines(), "", ""][:2]
    own_name, own_boot = _here().splitlines()
    return name == own_name or (boot == own_boot and boot != "")
