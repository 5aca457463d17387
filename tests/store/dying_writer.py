"""Forks processes that accept messages as fast as they can and kills each at a random moment.

Arguments: the account's id, how many processes to kill, the file that gets a line for every
acknowledged message. Run as a program, so that forking meets no thread of the test.
"""

import os
import random
import signal
import sys
import threading

import django

django.setup()

from django.db import connections  # noqa: E402

from mail.models import Account  # noqa: E402
from mail.store.accept import AcceptMessage  # noqa: E402
from mail.store.spool import ContentSpool  # noqa: E402
from mail.store.writer import writer  # noqa: E402
from tests.world.letters import accept_letter, letter, summary_of, to_inbox  # noqa: E402


def write_for_ever(account: Account, generation: int, report: int) -> None:
    """Two threads hand messages in, small ones and ones that are written ahead."""

    def work(name: str) -> None:
        for number in range(1_000_000):
            subject = f"{generation}-{name}-{number}"
            if number % 7 == 3:
                write_ahead(account, subject)
            else:
                writer().submit(
                    accept_letter(letter(subject, b"x" * random.randrange(20_000)), account)
                ).result()
            os.write(report, f"{subject}\n".encode())

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()


def write_ahead(account: Account, subject: str) -> None:
    raw = letter(subject, b"y" * 700_000)
    spool = ContentSpool(writer())
    for start in range(0, len(raw), 100_000):
        pending = spool.write(raw[start : start + 100_000])
        if pending is not None:
            pending.result()
            spool.settle()
    writer().submit(AcceptMessage(spool.finish(summary_of(raw), b""), (to_inbox(account),))).result()


def wait_for_more(report: int) -> None:
    """Until the child has acknowledged something, however slow the machine is."""
    before = os.fstat(report).st_size
    while os.fstat(report).st_size == before:
        signal.sigtimedwait([], 0.002)


def main() -> None:
    account_id, kills, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    account = Account.objects.get(pk=account_id)
    connections.close_all()
    report = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    moments = random.Random(account_id)
    for generation in range(kills):
        child = os.fork()
        if child == 0:
            write_for_ever(account, generation, report)
            signal.pause()
        if generation % 2:
            wait_for_more(report)
        signal.sigtimedwait([], moments.uniform(0.005, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
