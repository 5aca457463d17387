"""Forks processes that run manage.py runsmtp and kills each at a random moment, until its input ends.

The last one is left to live until then. Run as a program, so that forking meets no thread of the test.
"""

import os
import random
import select
import signal
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402

# Everything a child needs is imported once, here.
import delivery.management.commands.runsmtp  # noqa: E402, F401
from mail.process.lifeline import READY, READY_VARIABLE, report_ready  # noqa: E402
from moxsite.logs.output import start_logging  # noqa: E402

LONGEST_LIFE = 0.5
"""Seconds after being ready."""


def main() -> None:
    start_logging()
    kills, moments = int(sys.argv[1]), random.Random(4)
    report_ready()
    for _ in range(kills):
        child = start()
        signal.sigtimedwait([], moments.uniform(0, LONGEST_LIFE))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    child = start()
    select.select([sys.stdin], [], [])
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)


def start() -> int:
    """A child that serves."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.environ[READY_VARIABLE] = str(writing)
        call_command("runsmtp", skip_checks=True)
        os._exit(0)
    os.close(writing)
    assert os.read(reading, len(READY)) == READY
    os.close(reading)
    return child


if __name__ == "__main__":
    main()
