"""One whole import in a process of its own: arguments are the account's id, the source and perhaps a mailbox.

Prints a JSON object: seconds and processor seconds from the first look at the source to the end, messages,
bytes stored, seconds until the first news and of the reveal, and the most memory the process had, in MB.
"""

import json
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import django

django.setup()

from importer.command.by_command import begin  # noqa: E402
from importer.engine.progress import Progress  # noqa: E402
from importer.jobs import work  # noqa: E402
from importer.models import Duplicates, State  # noqa: E402
from importer.staging.reveal import RevealImport  # noqa: E402
from mail.models import Account  # noqa: E402
from mail.process.collector import calm_collector  # noqa: E402
from mail.store.write import Write  # noqa: E402
from mail.store.writer import Writer, stop_writer, writer  # noqa: E402


class _Watched:
    """The process's writer, of which the reveal is timed."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.reveal = 0.0

    def submit(self, write: Write) -> "Future[Any]":
        started = time.perf_counter()
        future = self._writer.submit(write)
        if isinstance(write, RevealImport):
            future.result()
            self.reveal = time.perf_counter() - started
        return future


def main(account: int, source: Path, mailbox: str = "") -> None:
    """Bring it in."""
    first: list[float] = []

    def told(progress: Progress, news: object) -> None:
        if (progress.messages or progress.position) and not first:
            first.append(time.perf_counter() - started)

    calm_collector()  # as the worker does
    watched = _Watched(writer())
    owner = Account.objects.get(pk=account)
    started, used = time.perf_counter(), time.process_time()
    row, token = begin(owner, source, Duplicates.SKIP, "", {"*": mailbox} if mailbox else {})
    work(row.pk, token, watched, threading.Event(), told)  # type: ignore[arg-type]  # all that it uses
    figures = {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - used,
    }
    row.refresh_from_db()
    if row.state != State.DONE:
        raise SystemExit(row.outcome)
    stop_writer()
    print(
        json.dumps(
            {
                **figures,
                "messages": row.messages,
                "bytes": row.bytes,
                "first": first[0] if first else 0.0,
                "reveal": watched.reveal,
                "memory": _peak(),
            }
        )
    )


def _peak() -> float:
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1000


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
