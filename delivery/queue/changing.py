"""What the writer does for each change of queued recipients."""

from collections.abc import Sequence
from typing import Any

from delivery.queue.changes import (
    ChangeRecipients,
    DemandTls,
    Drop,
    Hold,
    MoveBy,
    MoveTo,
    Release,
    RetryNow,
    TakeTransport,
)
from delivery.queue.enqueue import expiry_after, lane_of
from delivery.queue.events import Event, Kind, add_events
from delivery.queue.releasing import release_contents
from delivery.queue.reports import moment_text
from delivery.queue.when import duration_text
from mail import clock
from mail.store.database_clock import database_now
from mail.store.write import Locks, Transaction, applies


def _locks(writes: Sequence[ChangeRecipients]) -> Locks:
    return Locks(recipients={id_ for write in writes for id_ in write.ids})


@applies(ChangeRecipients, needs=_locks)
def change_recipients(
    current: Transaction, writes: Sequence[ChangeRecipients]
) -> list[list[int] | LookupError]:
    return [_change(current, write) for write in writes]


def _change(current: Transaction, write: ChangeRecipients) -> list[int] | LookupError:
    change, ids = write.change, write.ids
    if isinstance(change, TakeTransport) and not _transport_exists(current, change.name):
        return LookupError(f"there is no transport {change.name}")
    match change:
        case RetryNow() | MoveTo() | MoveBy():
            changed, kind, text = _move(current, change, ids)
        case Hold():
            changed, kind, text = _hold(current, change, ids)
        case Release():
            changed, kind, text = release(current, ids), Kind.RELEASED, ""
        case TakeTransport():
            changed, kind, text = _take_transport(current, change, ids)
        case DemandTls():
            changed = _set(current, ids, "tls_demand = %s", [change.demand])
            kind, text = Kind.TLS, change.demand
        case Drop():
            changed, kind, text = _drop(current, ids), Kind.DROPPED, ""
    add_events(current, [Event(id_, kind, write.by, text) for id_ in changed])
    return changed


Applied = tuple[list[int], Kind, str]
"""The ids that were changed, and the event that says so."""


def _set(
    current: Transaction, ids: Sequence[int], assignments: str, values: Sequence[Any], condition: str = ""
) -> list[int]:
    """Update those of the recipients that wait and fulfil the condition; which ones they were."""
    if not ids:
        return []
    rows = current.rows(
        f"UPDATE delivery_queuedrecipient SET {assignments} "
        f"WHERE id IN ({', '.join(['%s'] * len(ids))}) AND state = 'waiting' {condition} RETURNING id",
        [*values, *ids],
    )
    return sorted(int(id_) for (id_,) in rows)


def _move(current: Transaction, change: RetryNow | MoveTo | MoveBy, ids: Sequence[int]) -> Applied:
    """Leased rows are left alone: their attempt is under way or about to be, and sets the next time."""
    moment = database_now(current)
    free = f"AND lease_until <= {moment}"
    match change:
        case RetryNow():
            return _set(current, ids, "due = %s", [moment], f"{free} AND NOT held"), Kind.RETRIED, ""
        case MoveTo():
            changed = _set(current, ids, "due = %s", [change.moment], free)
            text = f"to {moment_text(change.moment)}"
        case MoveBy():
            changed = _set(current, ids, "due = due + %s", [change.duration], free)
            direction = "earlier" if change.duration < 0 else "later"
            text = f"{duration_text(abs(change.duration))} {direction}"
    _extend_life(current, changed, moment)
    return changed, Kind.RESCHEDULED, text


def _hold(current: Transaction, change: Hold, ids: Sequence[int]) -> Applied:
    """Hold, also what is held already: with the new reason and end."""
    assignments = "held = TRUE, hold_reason = %s, held_until = %s"
    changed = _set(current, ids, assignments, [change.reason, change.until])
    until = "" if change.until is None else f"until {moment_text(change.until)}"
    return changed, Kind.HELD, "; ".join(part for part in (change.reason, until) if part)


def release(current: Transaction, ids: Sequence[int]) -> list[int]:
    """End the holds of recipients; which ones were held."""
    assignments = "held = FALSE, hold_reason = '', held_until = NULL"
    released = _set(current, ids, assignments, [], "AND held")
    _extend_life(current, released, database_now(current))
    return released


def _extend_life(current: Transaction, ids: Sequence[int], moment: clock.Moment) -> None:
    """Give recipients the time for the attempts that they have left, from their next one on."""
    if not ids:
        return
    rows = current.rows(
        "SELECT id, due, attempts, maximum_attempts, expires FROM delivery_queuedrecipient "
        f"WHERE id IN ({', '.join(['%s'] * len(ids))})",
        ids,
    )
    needed = [
        (expiry_after(max(due, moment), attempts, maximum), id_, expires)
        for id_, due, attempts, maximum, expires in rows
    ]
    current.cursor.executemany(
        "UPDATE delivery_queuedrecipient SET expires = %s WHERE id = %s",
        [(moment, id_) for moment, id_, expires in needed if moment > expires],
    )


def _transport_exists(current: Transaction, name: str) -> bool:
    return not name or bool(current.rows("SELECT 1 FROM delivery_transport WHERE name = %s", [name]))


def _take_transport(current: Transaction, change: TakeTransport, ids: Sequence[int]) -> Applied:
    """The lane follows: it is the transport that was demanded, otherwise the recipient domain."""
    if change.name:
        lane, values = "%s", [change.name, lane_of("", change.name)]
    else:
        lane, values = "domain", [change.name]
    changed = _set(current, ids, f"transport = %s, lane = {lane}", values)
    return changed, Kind.TRANSPORT, change.name


def _drop(current: Transaction, ids: Sequence[int]) -> list[int]:
    return settle(current, ids, "dropped", "dropped by an administrator")


def settle(current: Transaction, ids: Sequence[int], state: str, reply: str) -> list[int]:
    """Settle recipients by hand, without an attempt; which ones were still waiting.

    The lease goes too, so that the result of an attempt under way finds nothing to change.
    """
    if not ids:
        return []
    rows = current.rows(
        "UPDATE delivery_queuedrecipient SET state = %s, due = NULL, settled = %s, last_reply = %s, "
        "lease_token = 0, lease_until = 0, held = FALSE, hold_reason = '', held_until = NULL "
        f"WHERE id IN ({', '.join(['%s'] * len(ids))}) AND state = 'waiting' RETURNING id, message_id",
        [state, clock.now(), reply, *ids],
    )
    release_contents(current, {int(message) for _, message in rows})
    return sorted(int(id_) for id_, _ in rows)
