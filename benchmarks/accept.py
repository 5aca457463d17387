"""Accepting mail on port 25 for a local mailbox, with Postfix in turn where it can be run.

Postfix discards or stores in a maildir, and checks nothing; moxsite looks the sender up (iprev, SPF, DKIM,
DMARC) at a name server of this process.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, row, spread
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
    """A server under load; `process` is set where processor time can be read."""

    name: str
    port: int
    process: int | None = None


def main() -> None:
    """Print a table for each size."""
    for size in SIZES:
        print(
            f"\nMessages/s of {size // 1024} KiB, 100 a connection, {ROUNDS} rounds in turn: median (range)\n"
        )
        head("server", *(f"{sessions} sessions" for sessions in SESSIONS), "CPU ms a message at 10")
        with _targets() as targets:
            _measure(targets, size)


def _measure(targets: list[Target], size: int) -> None:
    rates: dict[tuple[str, int], list[float]] = {}
    processor: dict[str, list[float]] = {}
    for target in targets:
        load(target, 10, size, messages=200)
    for sessions in SESSIONS:
        for _ in range(ROUNDS):
            for target in targets:
                before = _processor_ms(target)
                rate = load(target, sessions, size)
                rates.setdefault((target.name, sessions), []).append(rate)
                if sessions == 10 and target.process is not None:
                    used = (_processor_ms(target) - before) / MESSAGES[10]
                    processor.setdefault(target.name, []).append(used)
    for target in targets:
        cells = [spread(rates[target.name, sessions]) for sessions in SESSIONS]
        used_ms = processor.get(target.name)
        row(target.name, *cells, f"{sorted(used_ms)[len(used_ms) // 2]:.2f}" if used_ms else "")


def load(target: Target, sessions: int, size: int, messages: int | None = None) -> float:
    """Messages a second."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.load.smtp", "--port", str(target.port)),
            *("--recipient", RECIPIENT, "--sessions", str(sessions), "--size", str(size)),
            *("--messages", str(messages or MESSAGES[sessions])),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(json.loads(done.stdout)["rate"])


@contextmanager
def _targets() -> Iterator[list[Target]]:
    """moxsite on both databases, and Postfix."""
    with _moxsite(KINDS[0]) as first, _moxsite(KINDS[1]) as second:
        targets = [*first, *second]
        reason = why_not()
        if reason:
            row("Postfix", f"not measured: {reason}")
            yield targets
            return
        with Postfix(discard=True) as discarding, Postfix() as storing:
            yield [
                *targets,
                Target("Postfix → discard", discarding.smtp_port),
                Target("Postfix → virtual maildir", storing.smtp_port),
            ]


@contextmanager
def _moxsite(kind: str) -> Iterator[list[Target]]:
    try:
        with fresh_world(kind) as world, tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder:
            world.alice  # noqa: B018
            with MailProcess(world, Path(folder)) as mail:
                mail.start()
                yield [Target(f"moxsite, {kind}", mail.ports[Service.SMTP], mail.pid)]
    except LookupError as error:
        row(f"moxsite, {kind}", f"not measured: {error}")
        yield []


def _processor_ms(target: Target) -> float:
    """Processor time of the process so far (proc(5)); the database server's is not in it."""
    if target.process is None:
        return 0.0
    fields = Path(f"/proc/{target.process}/stat").read_text().rpartition(")")[2].split()
    return 10.0 * (int(fields[11]) + int(fields[12]))


if __name__ == "__main__":
    main()
