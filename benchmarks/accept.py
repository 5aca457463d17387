"""Accepting mail on port 25 for a local mailbox, with Postfix in turn where it can be run.

Postfix discards or stores in a maildir, and checks nothing; moxsite looks the sender up (iprev, SPF, DKIM,
DMARC) at a name server of this process.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, row, spread
from benchmarks.processor import processor_ms
from delivery.smtp.server.backend import Service
from tests.world.postfix import Postfix, why_not
from tests.world.smtp_process import MailProcess

ROUNDS = 3
SIZES = (1024, 10 * 1024)
SESSIONS = (1, 10, 50)
MESSAGES = {1: 500, 10: 2000, 50: 2000}
RECIPIENT = "alice@example.org"


@dataclass(frozen=True)
class Target:
    """A server under load, and the processes that do the work."""

    name: str
    port: int
    pids: Sequence[int]


def main() -> None:
    """Print a table for each size."""
    for size in SIZES:
        print(
            f"\nMessages/s of {size // 1024} KiB, 100 a connection, {ROUNDS} rounds in turn: median (range)\n"
        )
        columns = [f"{sessions} sessions" for sessions in SESSIONS]
        head("server", *columns, "CPU ms a message at 10", "99 % wait at 50, ms")
        with _targets() as targets:
            _measure(targets, size)


def _measure(targets: list[Target], size: int) -> None:
    rates: dict[tuple[str, int], list[float]] = {}
    processor: dict[str, list[float]] = {}
    waits: dict[str, list[float]] = {}
    for target in targets:
        load(target, 10, size, messages=200)
    for sessions in SESSIONS:
        for _ in range(ROUNDS):
            for target in targets:
                before = processor_ms(target.pids)
                loaded = load(target, sessions, size)
                rates.setdefault((target.name, sessions), []).append(loaded.rate)
                if sessions == 50:
                    waits.setdefault(target.name, []).append(loaded.p99_ms)
                if sessions == 10:
                    used = (processor_ms(target.pids) - before) / MESSAGES[10]
                    processor.setdefault(target.name, []).append(used)
    for target in targets:
        cells = [spread(rates[target.name, sessions]) for sessions in SESSIONS]
        used_ms = f"{statistics.median(processor[target.name]):.2f}"
        row(target.name, *cells, used_ms, f"{statistics.median(waits[target.name]):.0f}")


class Loaded(NamedTuple):
    """What came of a load: messages a second, and milliseconds from MAIL to the last reply."""

    rate: float
    p99_ms: float


def load(
    target: Target,
    sessions: int,
    size: int,
    messages: int | None = None,
    *,
    sender: str = "carol@remote.example",
    recipient: str = RECIPIENT,
    login: str = "",
) -> Loaded:
    """Put the server under load; with a `login`, name and password with a colon between them, under TLS."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.load.smtp", "--port", str(target.port)),
            *("--sender", sender, "--recipient", recipient, "--login", login),
            *("--sessions", str(sessions), "--size", str(size)),
            *("--messages", str(messages or MESSAGES[sessions])),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    figures = json.loads(done.stdout)
    return Loaded(figures["rate"], figures["p99_ms"])


@contextmanager
def _targets() -> Iterator[list[Target]]:
    """moxsite on both databases, and Postfix."""
    with _moxsite(KINDS[0]) as first, _moxsite(KINDS[0], 2) as several, _moxsite(KINDS[1]) as second:
        targets = [*first, *several, *second]
        reason = why_not()
        if reason:
            row("Postfix", f"not measured: {reason}")
            yield targets
            return
        with Postfix(discard=True) as discarding, Postfix() as storing:
            yield [
                *targets,
                Target("Postfix → discard", discarding.smtp_port, [discarding.pid]),
                Target("Postfix → virtual maildir", storing.smtp_port, [storing.pid]),
            ]


@contextmanager
def _moxsite(kind: str, processes: int = 1) -> Iterator[list[Target]]:
    name = f"moxsite, {kind}" + (f", {processes} processes" if processes > 1 else "")
    try:
        with fresh_world(kind) as world, tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder:
            world.alice  # noqa: B018
            with MailProcess(world, Path(folder)) as mail:
                mail.start()
                for _ in range(processes - 1):
                    mail.start_another()
                yield [Target(name, mail.ports[Service.SMTP], mail.pids)]
    except LookupError as error:
        row(name, f"not measured: {error}")
        yield []


if __name__ == "__main__":
    main()
