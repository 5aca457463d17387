"""Adding and ending hold rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from delivery.queue.changing import release
from delivery.queue.events import Event, Kind, add_events
from delivery.queue.holding import COLUMNS, HoldingRule, first_match, holding_rules
from mail import clock
from mail.store.write import Locks, Transaction, Write, applies


@dataclass(frozen=True, slots=True)
class AddHoldRule(Write):
    """Make a rule. What is queued from its commit on is held; what is queued already is held by HoldByRule.

    Gives the HoldingRule.
    """

    account_id: int | None
    sender_domain: str
    recipient_domain: str
    reason: str
    until: clock.Moment | None
    by: str


@dataclass(frozen=True, slots=True)
class HoldByRule(Write):
    """Hold those of the recipients that wait and are not held. Gives how many."""

    ids: tuple[int, ...]
    rule: HoldingRule


@dataclass(frozen=True, slots=True)
class RemoveHoldRule(Write):
    """Remove a rule. What it holds stays held. Gives the HoldingRule, or None."""

    rule_id: int


@dataclass(frozen=True, slots=True)
class EndHolds(Write):
    """End the holds of recipients that no rule in force wants held; such a rule takes the others over.

    With a `reason` it is for those held for it, otherwise for those whose hold has come to its end. Gives
    how many were released.
    """

    ids: tuple[int, ...]
    reason: str
    by: str


def _locks(writes: Sequence[HoldByRule | EndHolds]) -> Locks:
    return Locks(recipients={id_ for write in writes for id_ in write.ids})


@applies(AddHoldRule)
def add_hold_rules(current: Transaction, writes: Sequence[AddHoldRule]) -> list[HoldingRule]:
    if connection.vendor == "postgresql":
        # Waits for transactions that have read the rules to queue a message: their rows are then visible.
        current.run("LOCK TABLE delivery_holdrule IN ACCESS EXCLUSIVE MODE")
    return [_add(current, write) for write in writes]


def _add(current: Transaction, write: AddHoldRule) -> HoldingRule:
    (row,) = current.rows(
        "INSERT INTO delivery_holdrule "
        "(account_id, sender_domain, recipient_domain, reason, created, created_by, until) "
        f"VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING {COLUMNS}",
        [
            write.account_id,
            write.sender_domain,
            write.recipient_domain,
            write.reason,
            clock.now(),
            write.by,
            write.until,
        ],
    )
    return HoldingRule(*row)


@applies(HoldByRule, needs=_locks)
def hold_by_rule(current: Transaction, writes: Sequence[HoldByRule]) -> list[int]:
    return [_hold(current, write) for write in writes]


def _hold(current: Transaction, write: HoldByRule) -> int:
    rows = current.rows(
        "UPDATE delivery_queuedrecipient SET held = TRUE, hold_reason = %s, held_until = %s "
        f"WHERE id IN ({', '.join(['%s'] * len(write.ids))}) AND state = 'waiting' AND NOT held RETURNING id",
        [write.rule.hold_reason, write.rule.until, *write.ids],
    )
    add_events(current, [Event(id_, Kind.HELD, text=write.rule.hold_reason) for (id_,) in rows])
    return len(rows)


@applies(RemoveHoldRule)
def remove_hold_rules(current: Transaction, writes: Sequence[RemoveHoldRule]) -> list[HoldingRule | None]:
    removed: list[HoldingRule | None] = []
    for write in writes:
        rows = current.rows(
            f"DELETE FROM delivery_holdrule WHERE id = %s RETURNING {COLUMNS}", [write.rule_id]
        )
        removed.append(HoldingRule(*rows[0]) if rows else None)
    return removed


@applies(EndHolds, needs=_locks)
def end_holds(current: Transaction, writes: Sequence[EndHolds]) -> list[int]:
    return [_end(current, write) for write in writes]


def _end(current: Transaction, write: EndHolds) -> int:
    condition = "q.hold_reason = %s" if write.reason else "q.held_until <= %s"
    text = write.reason or "the hold has come to its end"
    rows = current.rows(
        "SELECT q.id, m.account_id, m.sender_domain, q.domain FROM delivery_queuedrecipient q "
        "JOIN delivery_queuedmessage m ON m.id = q.message_id "
        f"WHERE q.id IN ({', '.join(['%s'] * len(write.ids))}) "
        f"AND q.state = 'waiting' AND q.held AND {condition}",
        [*write.ids, write.reason or clock.now()],
    )
    rules = holding_rules(current)
    others = {id_: first_match(rules, account, sender, domain) for id_, account, sender, domain in rows}
    _hand_over(current, others.items())
    released = release(current, [id_ for id_, other in others.items() if other is None])
    add_events(current, [Event(id_, Kind.RELEASED, write.by, text) for id_ in released])
    return len(released)


def _hand_over(current: Transaction, others: Iterable[tuple[int, HoldingRule | None]]) -> None:
    """Let recipients be held by another rule from now on."""
    current.cursor.executemany(
        "UPDATE delivery_queuedrecipient SET hold_reason = %s, held_until = %s WHERE id = %s",
        [(other.hold_reason, other.until, id_) for id_, other in others if other is not None],
    )
