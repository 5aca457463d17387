"""Accepting what users submit: TLS, one login a connection, signed with both kinds of key.

The recipients are elsewhere, and nothing delivers: what is measured is how fast the queue takes mail in.
"""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.accept import Loaded, Target, load
from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, row, spread
from benchmarks.processor import processor_ms
from delivery.smtp.server.backend import Service
from mail.configuration.dkim import make_keys
from mail.dkim.keys import ALGORITHMS
from tests.world.smtp_process import MailProcess
from tests.world.world import PASSWORD

ROUNDS = 5
SESSIONS = (1, 10, 50)
MESSAGES = 1000
SIZE = 1024
SENDER = "alice@example.org"


def main() -> None:
    """Print a row for each number of processes and database."""
    print(
        f"Messages/s of {SIZE} bytes, 100 a connection, {ROUNDS} rounds, with an RSA and an Ed25519"
        " signature: median (range)\n"
    )
    columns = [f"{sessions} sessions" for sessions in SESSIONS]
    head("server", *columns, "CPU ms a message at 10", "99 % wait at 50, ms")
    for kind in KINDS:
        for processes in (1, 2):
            try:
                with _moxsite(kind, processes) as target:
                    _measure(target)
            except LookupError as error:
                row(f"moxsite, {kind}", f"not measured: {error}")


def _measure(target: Target) -> None:
    submit(target, 10)
    cells: list[str] = []
    used: list[float] = []
    waits: list[float] = []
    for sessions in SESSIONS:
        rates: list[float] = []
        for _ in range(ROUNDS):
            before = processor_ms(target.pids)
            loaded = submit(target, sessions)
            rates.append(loaded.rate)
            if sessions == 10:
                used.append((processor_ms(target.pids) - before) / MESSAGES)
            if sessions == 50:
                waits.append(loaded.p99_ms)
        cells.append(spread(rates))
    row(target.name, *cells, f"{statistics.median(used):.2f}", f"{statistics.median(waits):.0f}")


def submit(target: Target, sessions: int) -> Loaded:
    """Put the server under load."""
    return load(
        target,
        sessions,
        SIZE,
        messages=MESSAGES,
        sender=SENDER,
        recipient="carol@remote.example",
        login=f"alice:{PASSWORD}",
    )


@contextmanager
def _moxsite(kind: str, processes: int) -> Iterator[Target]:
    name = f"moxsite, {kind}" + (f", {processes} processes" if processes > 1 else "")
    with fresh_world(kind) as world, tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder:
        world.lift_limits(world.alice)
        make_keys(world.example_org, ALGORITHMS)
        with MailProcess(world, Path(folder)) as mail:
            mail.start()
            for _ in range(processes - 1):
                mail.start_another()
            yield Target(name, mail.ports[Service.SUBMISSIONS], mail.pids)


if __name__ == "__main__":
    main()
