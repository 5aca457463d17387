"""What a worker owns for a while: recipients leased, renewed, given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mail import clock
from mail.store.database_clock import database_now
from mail.store.write import Locks, Transaction, Write, applies

# None of these writes is a promise: after a loss of power nobody works on anything any more, and what was
# leased, renewed or given back a moment before is as good as what it was.

LEASE = 2 * clock.MINUTE
EXPIRED_A_ROUND = 500
OPEN = "state = 'waiting' AND NOT held"
"""What may be leased. The indexes of the queue have this condition."""


@dataclass(frozen=True, slots=True)
class LeasedRecipient:
    """A recipient that a worker owns until its lease ends, with what grouping needs to know of it."""

    id: int
    token: int
    message_id: int
    lane: str
    domain: str
    transport: str
    attempts: int
    account_id: int | None
    sender_domain: str
    tls_demand: str = ""


@dataclass(frozen=True, slots=True)
class RenewLeases(Write):
    """Keep recipients for another lease. Gives the ids that are still owned."""

    is_promise: ClassVar[bool] = False

    ids: tuple[int, ...]
    token: int


@dataclass(frozen=True, slots=True)
class ReturnRecipients(Write):
    """Give recipients back unattempted: they are due at once."""

    is_promise: ClassVar[bool] = False

    ids: tuple[int, ...]
    token: int


@dataclass(frozen=True, slots=True)
class ExpireOverdue(Write):
    """Make recipients due that have outlived their expiry, whatever their schedule says.

    A slice of EXPIRED_A_ROUND; gives how many there were.
    """


def _locks(writes: Sequence[RenewLeases | ReturnRecipients]) -> Locks:
    return Locks(recipients={id_ for write in writes for id_ in write.ids})


@applies(RenewLeases, needs=_locks)
def renew_leases(current: Transaction, writes: Sequence[RenewLeases]) -> list[list[int]]:
    until = database_now(current) + LEASE
    return [
        [
            id_
            for id_ in write.ids
            if current.run(
                "UPDATE delivery_queuedrecipient SET lease_until = %s, "
                "due = CASE WHEN due < %s THEN %s ELSE due END "
                "WHERE id = %s AND lease_token = %s AND state = 'waiting'",
                [until, until, until, id_, write.token],
            )
        ]
        for write in writes
    ]


@applies(ReturnRecipients, needs=_locks)
def return_recipients(current: Transaction, writes: Sequence[ReturnRecipients]) -> list[None]:
    moment = database_now(current)
    for write in writes:
        for id_ in write.ids:
            current.run(
                "UPDATE delivery_queuedrecipient SET lease_token = 0, lease_until = 0, due = %s "
                "WHERE id = %s AND lease_token = %s AND state = 'waiting'",
                [moment, id_, write.token],
            )
    return [None] * len(writes)


@applies(ExpireOverdue)
def expire_overdue(current: Transaction, writes: Sequence[ExpireOverdue]) -> list[int]:
    moment = database_now(current)
    changed = current.run(
        "UPDATE delivery_queuedrecipient SET due = %s WHERE id IN ("
        f"SELECT id FROM delivery_queuedrecipient WHERE {OPEN} AND expires <= %s AND due > %s "
        f"AND lease_until <= %s LIMIT {EXPIRED_A_ROUND})",
        [moment, moment, moment, moment],
    )
    return [changed] * len(writes)
