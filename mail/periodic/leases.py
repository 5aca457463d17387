"""Which periodic jobs are due: rows that one worker leases at a time."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from mail import clock
from mail.store.write import Transaction, Write, applies

LEASE = 10 * clock.MINUTE
"""A job whose worker died is given to another after this long."""


@dataclass(frozen=True, slots=True)
class LeaseJobs(Write):
    """Take the due ones of these jobs, given as (name, interval). Gives (name, token) pairs.

    The next time is written before a job runs, so that one that fails is not repeated at once.
    """

    jobs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FinishJob(Write):
    """Note that a job ended, with the reason if it failed."""

    name: str
    token: int
    error: str = ""


@applies(LeaseJobs)
def lease_jobs(current: Transaction, writes: Sequence[LeaseJobs]) -> list[list[tuple[str, int]]]:
    return [_lease(current, write) for write in writes]


def _lease(current: Transaction, write: LeaseJobs) -> list[tuple[str, int]]:
    moment = clock.now()
    leased = []
    for name, interval in write.jobs:
        current.run(
            "INSERT INTO mail_periodicjob (name, due, lease_token, lease_until, last_error) "
            "VALUES (%s, 0, 0, 0, '') ON CONFLICT (name) DO NOTHING",
            [name],
        )
        token = secrets.randbits(62) + 1
        changed = current.run(
            "UPDATE mail_periodicjob SET due = %s, lease_token = %s, lease_until = %s "
            "WHERE name = %s AND due <= %s AND lease_until <= %s",
            [moment + interval, token, moment + LEASE, name, moment, moment],
        )
        if changed:
            leased.append((name, token))
    return leased


@applies(FinishJob)
def finish_job(current: Transaction, writes: Sequence[FinishJob]) -> list[None]:
    for write in writes:
        current.run(
            "UPDATE mail_periodicjob SET lease_until = 0, last_finished = %s, last_error = %s "
            "WHERE name = %s AND lease_token = %s",
            [clock.now(), write.error, write.name, write.token],
        )
    return [None] * len(writes)
