"""Bookkeeping before anything is dialed: the attempt is counted and the next one scheduled.

Should the process die now, the recipient waits for its next attempt as if this one had failed, and the
remote host is not hammered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.models import Attempt
from delivery.queue.database_clock import database_now
from delivery.queue.leases import LEASE
from delivery.queue.schedule import next_attempt_delay
from mail import clock
from mail.store.write import Locks, Transaction, Write, applies


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that is counted and may be made now."""

    recipient_id: int
    attempt_id: int
    number: int
    started: clock.Moment
    next_due: clock.Moment | None
    """When the next attempt is made if this one fails for now; None: this is the last."""


@dataclass(frozen=True, slots=True)
class BeginAttempts(Write):
    """Begin an attempt for leased recipients, given with the rule that chose the transport for each.

    Gives a Begun for each that is still owned and not held.
    """

    rules: tuple[tuple[int, str], ...]
    token: int
    transport: str


def _locks(writes: Sequence[BeginAttempts]) -> Locks:
    return Locks(recipients={id_ for write in writes for id_, _ in write.rules})


@applies(BeginAttempts, needs=_locks)
def begin_attempts(current: Transaction, writes: Sequence[BeginAttempts]) -> list[list[Begun]]:
    moment = database_now(current)
    return [_begin(current, write, moment) for write in writes]


def _begin(current: Transaction, write: BeginAttempts, moment: clock.Moment) -> list[Begun]:
    rules = dict(write.rules)
    places = ", ".join(["%s"] * len(rules))
    rows = current.rows(
        "SELECT id, message_id, attempts, maximum_attempts FROM delivery_queuedrecipient "
        f"WHERE id IN ({places}) AND lease_token = %s AND lease_until > %s "
        "AND state = 'waiting' AND NOT held "
        "ORDER BY id",
        [*rules, write.token, moment],
    )
    begun = []
    for attempt_id, (id_, message, attempts, maximum) in zip(current.ids(len(rows)), rows, strict=True):
        delay = next_attempt_delay(attempts + 1, maximum, seed=message)
        due = None if delay is None else moment + delay
        begun.append(Begun(id_, attempt_id, attempts + 1, moment, due))
    until = moment + LEASE
    current.cursor.executemany(
        "UPDATE delivery_queuedrecipient SET attempts = %s, lease_until = %s, due = %s WHERE id = %s",
        [(each.number, until, max(each.next_due or until, until), each.recipient_id) for each in begun],
    )
    current.insert(
        "delivery_attempt",
        "id, recipient_id, number, started, duration, rule, transport, host, ip, tls, outcome, stage, code, "
        "enhanced, text",
        [
            (each.attempt_id, each.recipient_id, each.number, moment, 0, rules[each.recipient_id],
             write.transport, "", "", "",
             Attempt.Outcome.RUNNING.value, "", 0, "", "")
            for each in begun
        ],
    )  # fmt: skip
    return begun
