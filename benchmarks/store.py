"""The store: accepts of 10 KiB one at a time and in groups, and a small commit beside a busy process."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, percentile, row, spread
from mail.models import Account, Flag
from mail.store.flags import SetFlags
from mail.store.writer import stop_writer
from tests.world.letters import accept_letter, letter
from tests.world.world import World

ROUNDS = 5
MESSAGES = 1500
BODY = os.urandom(5000).hex().encode()


def main() -> None:
    """Print both tables."""
    head("database", "one at a time, messages/s", "groups of 10", "groups of 50")
    for kind in KINDS:
        measure(kind, accepts)
    print()
    head("database", "small commit beside a busy process, ms", "median", "99 %", "worst")
    for kind in KINDS:
        measure(kind, contention)


def measure(kind: str, what: Callable[[str, World], None]) -> None:
    """Measure on a fresh database of this kind, or say why not."""
    try:
        with fresh_world(kind) as world:
            what(kind, world)
    except LookupError as error:
        row(kind, f"not measured: {error}")


def accepts(kind: str, world: World) -> None:
    """Threads that each hand in a message and wait for its commit: so many are in a batch."""
    account = world.alice
    figures = []
    for threads in (1, 10, 50):
        rates = [_rate(world, account, threads) for _ in range(ROUNDS)]
        figures.append(spread(rates))
    row(kind, *figures)


def _rate(world: World, account: Account, threads: int) -> float:
    writes = [accept_letter(letter(str(number), BODY), account) for number in range(MESSAGES)]
    waiting = iter(writes)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                write = next(waiting, None)
            if write is None:
                return
            world.writer.submit(write).result()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return MESSAGES / (time.perf_counter() - started)


def contention(kind: str, world: World) -> None:
    """One process accepts messages of 1 MB without a pause; how long does a flag of ours take?"""
    account = world.alice
    world.writer.submit(accept_letter(letter(), account)).result()
    mailbox = world.inbox(account).pk
    stop_writer()
    command = [sys.executable, "-m", "benchmarks.busy_writer", str(account.pk)]
    busy = subprocess.Popen(command, env=world.child_environment(), stdout=subprocess.PIPE)
    assert busy.stdout is not None
    busy.stdout.readline()
    waits = []
    try:
        for number in range(1000):
            seen, unseen = (Flag.SEEN, Flag(0)) if number % 2 else (Flag(0), Flag.SEEN)
            write = SetFlags(account.pk, mailbox, (1,), add=seen, remove=unseen)
            started = time.perf_counter()
            world.writer.submit(write).result()
            waits.append((time.perf_counter() - started) * 1000)
    finally:
        busy.kill()
        busy.wait()
    row(
        kind, "", *(f"{value:.1f}" for value in (percentile(waits, 0.5), percentile(waits, 0.99), max(waits)))
    )
