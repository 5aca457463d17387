"""Taking due recipients out of the queue for a while: leased, renewed, given back."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from delivery.queue.database_clock import database_now
from mail import clock
from mail.store.write import Locks, Transaction, Write, applies

LEASE = 2 * clock.MINUTE
LANES_A_ROUND = 64
_OPEN = "state = 'waiting' AND NOT held"


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


@dataclass(frozen=True, slots=True)
class Lease:
    """What a round gave. `next_due` is when the next recipient outside of it is due, if any."""

    recipients: tuple[LeasedRecipient, ...]
    last_lane: str
    next_due: clock.Moment | None
    moment: clock.Moment


@dataclass(frozen=True, slots=True)
class LeaseDue(Write):
    """Lease up to `window` due recipients, lane after lane beginning behind `after_lane`.

    No lane gets more than `per_lane` leases of this `dispatcher` at a time, however many of its recipients
    wait. What another one leased does not count: it may have died, and its lanes must not wait for the end
    of its leases. Gives a Lease.
    """

    window: int
    per_lane: int
    after_lane: str
    dispatcher: int
    """From `dispatcher_number`."""


@dataclass(frozen=True, slots=True)
class RenewLeases(Write):
    """Keep recipients for another lease. Gives the ids that are still owned."""

    ids: tuple[int, ...]
    token: int


@dataclass(frozen=True, slots=True)
class ReturnRecipients(Write):
    """Give recipients back unattempted: they are due at once."""

    ids: tuple[int, ...]
    token: int


@dataclass(frozen=True, slots=True)
class ExpireOverdue(Write):
    """Make recipients due that have outlived their expiry, whatever their schedule says."""


_ROUND_BITS = 31


def dispatcher_number() -> int:
    """A number for a dispatcher that starts now. Its lease tokens begin with it."""
    return secrets.randbelow((1 << _ROUND_BITS) - 1) + 1


@applies(LeaseDue)
def lease_due(current: Transaction, writes: Sequence[LeaseDue]) -> list[Lease]:
    return [_lease(current, write) for write in writes]


def _lease(current: Transaction, write: LeaseDue) -> Lease:
    moment = database_now(current)
    lanes = _due_lanes(current, write.after_lane, moment)
    busy = _leases_by_lane(current, write.dispatcher, moment)
    share = -(-write.window // len(lanes)) if lanes else 0
    ids: list[int] = []
    last_lane = write.after_lane
    for lane in lanes:
        count = min(share, write.per_lane - busy.get(lane, 0), write.window - len(ids))
        if count > 0:
            ids += _due_in_lane(current, lane, moment, count)
            last_lane = lane
    token = (write.dispatcher << _ROUND_BITS) + secrets.randbits(_ROUND_BITS)
    return Lease(_take(current, ids, token, moment), last_lane, _next_due(current), moment)


def _due_lanes(current: Transaction, after: str, moment: clock.Moment) -> list[str]:
    """The lanes in which something is due, round the circle from `after` on.

    The index is walked from lane to lane, so a lane with many recipients costs as much as one with few.
    """
    lanes = _lanes_between(current, "lane > %s", after, moment)
    if after and len(lanes) < LANES_A_ROUND:
        lanes += _lanes_between(current, "lane <= %s", after, moment)[: LANES_A_ROUND - len(lanes)]
    return lanes


def _lanes_between(current: Transaction, bound: str, after: str, moment: clock.Moment) -> list[str]:
    rows = current.rows(
        f"""
        WITH RECURSIVE lanes(lane) AS (
            SELECT min(lane) FROM delivery_queuedrecipient WHERE {_OPEN} AND {bound}
            UNION ALL
            SELECT (SELECT min(q.lane) FROM delivery_queuedrecipient q
                    WHERE q.state = 'waiting' AND NOT q.held AND q.lane > lanes.lane AND q.{bound})
            FROM lanes WHERE lanes.lane IS NOT NULL
        )
        SELECT lane FROM lanes WHERE lane IS NOT NULL AND EXISTS (
            SELECT 1 FROM delivery_queuedrecipient q
            WHERE q.state = 'waiting' AND NOT q.held AND q.lane = lanes.lane AND q.due <= %s
        ) LIMIT {LANES_A_ROUND}
        """,
        [after, after, moment],
    )
    return [lane for (lane,) in rows]


def _leases_by_lane(current: Transaction, dispatcher: int, moment: clock.Moment) -> dict[str, int]:
    return dict(
        current.rows(
            "SELECT lane, count(*) FROM delivery_queuedrecipient WHERE lease_token > 0 AND lease_until > %s "
            "AND lease_token BETWEEN %s AND %s GROUP BY lane",
            [moment, dispatcher << _ROUND_BITS, ((dispatcher + 1) << _ROUND_BITS) - 1],
        )
    )


def _due_in_lane(current: Transaction, lane: str, moment: clock.Moment, count: int) -> list[int]:
    rows = current.rows(
        f"SELECT id FROM delivery_queuedrecipient WHERE {_OPEN} AND lane = %s AND due <= %s "
        "AND lease_until <= %s ORDER BY due LIMIT %s",
        [lane, moment, moment, count],
    )
    return [id_ for (id_,) in rows]


def _take(
    current: Transaction, ids: Sequence[int], token: int, moment: clock.Moment
) -> tuple[LeasedRecipient, ...]:  # fmt: skip
    if not ids:
        return ()
    places = ", ".join(["%s"] * len(ids))
    current.run(
        "UPDATE delivery_queuedrecipient SET lease_token = %s, lease_until = %s, due = %s "
        f"WHERE id IN ({places}) AND {_OPEN} AND lease_until <= %s",
        [token, moment + LEASE, moment + LEASE, *ids, moment],
    )
    rows = current.rows(
        "SELECT q.id, q.lease_token, q.message_id, q.lane, q.domain, q.transport, q.attempts, m.account_id, "
        "m.sender_domain FROM delivery_queuedrecipient q "
        "JOIN delivery_queuedmessage m ON m.id = q.message_id "
        f"WHERE q.id IN ({places}) AND q.lease_token = %s ORDER BY q.id",
        [*ids, token],
    )
    return tuple(LeasedRecipient(*row) for row in rows)


def _next_due(current: Transaction) -> clock.Moment | None:
    ((due,),) = current.rows(f"SELECT min(due) FROM delivery_queuedrecipient WHERE {_OPEN}")
    return None if due is None else int(due)


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
        "UPDATE delivery_queuedrecipient SET due = %s "
        f"WHERE {_OPEN} AND expires <= %s AND due > %s AND lease_until <= %s",
        [moment, moment, moment, moment],
    )
    return [changed] * len(writes)
