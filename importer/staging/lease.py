"""Who runs an import: a token in its row, which every write of the run must name.

How long it may is told by the database's clock. Of the imports into one account that look for doubles one
runs at a time: two could not see what the other one is about to show.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from importer.models import Duplicates, State
from importer.staging.events import BRINGING_IN, STEP, WAITING, News, add_news
from mail import clock
from mail.store.database_clock import database_now
from mail.store.json_value import json_value
from mail.store.write import Locks, Transaction, Write, applies

LEASE = 30 * clock.SECOND
"""An import whose worker died is given to another after this long, or at once where its death is seen."""

RENEW = 10 * clock.SECOND
"""A run without commits renews its lease this often."""


class LeaseLost(Exception):
    """The import is not this run's any more: it was aborted, or another worker has taken over."""


@dataclass(frozen=True, slots=True)
class LeaseImport(Write):
    """Take an import that a worker has to read or run. Gives the token, 0 when there is nothing to take.

    So it is while another one of the account runs. `holder_died`: whoever has the lease is known to be gone.
    """

    import_id: int
    account_id: int
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


def _locks(writes: Sequence[LeaseImport]) -> Locks:
    return Locks(accounts={write.account_id for write in writes})


@applies(LeaseImport, needs=_locks)
def lease_import(current: Transaction, writes: Sequence[LeaseImport]) -> list[int]:
    return [_lease(current, write) for write in writes]


def _lease(current: Transaction, write: LeaseImport) -> int:
    moment = database_now(current)
    found = current.rows(
        "SELECT state, duplicates FROM importer_import "
        "WHERE id = %s AND state IN (%s, %s) AND (lease_until <= %s OR %s)",
        [write.import_id, State.SCANNING.value, State.RUNNING.value, moment, write.holder_died],
    )
    if not found:
        return 0
    runs = found[0][0] == State.RUNNING.value
    if runs and found[0][1] != Duplicates.KEEP.value and _another_runs(current, write, moment):
        _wait(current, write.import_id, moment)
        return 0
    token = secrets.randbits(62) + 1
    current.run(
        "UPDATE importer_import SET lease_token = %s, lease_until = %s WHERE id = %s",
        [token, moment + LEASE, write.import_id],
    )
    if runs and _last_step(current, write.import_id) == WAITING:
        _tell(current, write.import_id, BRINGING_IN)
    return token


def _another_runs(current: Transaction, write: LeaseImport, moment: clock.Moment) -> bool:
    return bool(
        current.rows(
            "SELECT 1 FROM importer_import WHERE account_id = %s AND id <> %s AND state = %s "
            "AND lease_until > %s LIMIT 1",
            [write.account_id, write.import_id, State.RUNNING.value, moment],
        )
    )


def _wait(current: Transaction, import_id: int, moment: clock.Moment) -> None:
    """Say so, and now and then that somebody has looked at it: what nobody looks at for long is lost."""
    current.run(
        "UPDATE importer_import SET lease_until = %s WHERE id = %s AND lease_until < %s",
        [moment, import_id, moment - LEASE],
    )
    _tell(current, import_id, WAITING)


def _tell(current: Transaction, import_id: int, title: str) -> None:
    if _last_step(current, import_id) != title:
        add_news(current, import_id, [News(STEP, {"title": title})])


def _last_step(current: Transaction, import_id: int) -> str:
    rows = current.rows(
        "SELECT data FROM importer_importevent WHERE owner_id = %s AND kind = %s ORDER BY seq DESC LIMIT 1",
        [import_id, STEP],
    )
    return str(json_value(rows[0][0]).get("title", "")) if rows else ""


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
