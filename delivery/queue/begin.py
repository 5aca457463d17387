"""Bookkeeping before anything is dialed: the attempt is counted and the next one scheduled.

Should the process die now, the recipient waits for its next attempt as if this one had failed, and the
remote host is not hammered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from delivery.models import Attempt
from delivery.queue.leases import LEASE
from delivery.queue.schedule import next_attempt_delay
from mail import clock
from mail.store.database_clock import database_now
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

    Gives a Begun for each that is still owned and not held. It is no promise: a loss of power ends the
    attempt too, and its result, which is one, makes both lasting.
    """

    is_promise: ClassVar[bool] = False

    rules: tuple[tuple[int, str], ...]
    token: int
    transport: str


def _locks(writes: Sequence[BeginAttempts]) -> Locks:
    return Locks(recipients={id_ for write in writes for id_, _ in write.rules})


@applies(BeginAttempts, needs=_locks)
def begin_attempts(current: Transaction, writes: Sequence[BeginAttempts]) -> list[list[Begun]]:
    moment = database_now(current)
    begun = _begun(current, writes, moment)
    until = moment + LEASE
    current.given(
        "id bigint, attempts bigint, due bigint",
        [(each.recipient_id, each.number, max(each.next_due or until, until)) for each in begun.values()],
        "UPDATE delivery_queuedrecipient SET attempts = given.attempts, due = given.due, lease_until = %s "
        "FROM given WHERE delivery_queuedrecipient.id = given.id",
        [until],
    )
    results = [
        [begun.pop((id_, write.token)) for id_, _ in write.rules if (id_, write.token) in begun]
        for write in writes
    ]
    _note_attempts(current, writes, results)
    return results


def _begun(
    current: Transaction, writes: Sequence[BeginAttempts], moment: clock.Moment
) -> dict[tuple[int, int], Begun]:
    """By recipient and token: where a lease has changed hands, only one of its tokens is true."""
    asked = dict.fromkeys((id_, write.token) for write in writes for id_, _ in write.rules)
    rows = current.given(
        "id bigint, token bigint",
        asked,
        "SELECT q.id, q.lease_token, q.message_id, q.attempts, q.maximum_attempts "
        "FROM given JOIN delivery_queuedrecipient q ON q.id = given.id AND q.lease_token = given.token "
        "WHERE q.lease_until > %s AND q.state = 'waiting' AND NOT q.held",
        [moment],
    )
    begun = {}
    for attempt_id, row in zip(current.ids(len(rows)), rows, strict=True):
        id_, token, message, attempts, maximum = row
        delay = next_attempt_delay(attempts + 1, maximum, seed=message)
        due = None if delay is None else moment + delay
        begun[id_, token] = Begun(id_, attempt_id, attempts + 1, moment, due)
    return begun


def _note_attempts(
    current: Transaction, writes: Sequence[BeginAttempts], results: Sequence[Sequence[Begun]]
) -> None:
    current.insert(
        "delivery_attempt",
        "id, recipient_id, number, started, duration, rule, transport, host, ip, tls, outcome, stage, code, "
        "enhanced, text",
        [
            (each.attempt_id, each.recipient_id, each.number, each.started, 0, rules[each.recipient_id],
             write.transport, "", "", "",
             Attempt.Outcome.RUNNING.value, "", 0, "", "")
            for write, begun in zip(writes, results, strict=True)
            for rules in (dict(write.rules),)
            for each in begun
        ],
    )  # fmt: skip
