"""Who runs an import: a token in its row, which every write of the run must name.

How long it may is told by the database's clock.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from importer.models import State
from mail import clock
from mail.store.database_clock import database_now
from mail.store.write import Transaction, Write, applies

LEASE = 30 * clock.SECOND
"""An import whose worker died is given to another after this long, or at once where its death is seen."""

RENEW = 10 * clock.SECOND
"""A run without commits renews its lease this often."""


class LeaseLost(Exception):
    """The import is not this run's any more: it was aborted, or another worker has taken over."""


@dataclass(frozen=True, slots=True)
class LeaseImport(Write):
    """Take an import that a worker has to read or run. Gives the token, 0 when there is nothing to take.

    `holder_died`: whoever has the lease is known to be gone.
    """

    import_id: int
    holder_died: bool = False


@dataclass(frozen=True, slots=True)
class RenewLease(Write):
    """Keep an import a while longer. Raises LeaseLost."""

    import_id: int
    token: int


@dataclass(frozen=True, slots=True)
class ReleaseLease(Write):
    """Let others have it."""

    import_id: int
    token: int


@applies(LeaseImport)
def lease_import(current: Transaction, writes: Sequence[LeaseImport]) -> list[int]:
    return [_lease(current, write) for write in writes]


def _lease(current: Transaction, write: LeaseImport) -> int:
    moment = database_now(current)
    token = secrets.randbits(62) + 1
    taken = current.run(
        "UPDATE importer_import SET lease_token = %s, lease_until = %s "
        "WHERE id = %s AND state IN (%s, %s) AND (lease_until <= %s OR %s)",
        [
            token,
            moment + LEASE,
            write.import_id,
            State.SCANNING.value,
            State.RUNNING.value,
            moment,
            write.holder_died,
        ],
    )
    return token if taken else 0


@applies(RenewLease)
def renew_lease(current: Transaction, writes: Sequence[RenewLease]) -> list[LeaseLost | None]:
    return [None if _renew(current, write) else LeaseLost() for write in writes]


def _renew(current: Transaction, write: RenewLease) -> int:
    return current.run(
        "UPDATE importer_import SET lease_until = %s "
        "WHERE id = %s AND lease_token = %s AND state IN (%s, %s)",
        [
            database_now(current) + LEASE,
            write.import_id,
            write.token,
            State.SCANNING.value,
            State.RUNNING.value,
        ],
    )


@applies(ReleaseLease)
def release_lease(current: Transaction, writes: Sequence[ReleaseLease]) -> list[None]:
    for write in writes:
        current.run(
            "UPDATE importer_import SET lease_until = 0, lease_token = 0 WHERE id = %s AND lease_token = %s",
            [write.import_id, write.token],
        )
    return [None] * len(writes)
