"""Forgetting messages that were settled long ago, in slices so short that nobody waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mail import clock
from mail.periodic.registry import every
from mail.store.database_clock import database_now
from mail.store.write import Transaction, Write, applies
from mail.store.writer import Writer, writer

KEPT = 30 * clock.DAY
"""How long the sent page shows a message after its last recipient was settled."""

_LOOKED_AT = 200
_ROWS = 500


@dataclass(frozen=True, slots=True)
class PruneMessages(Write):
    """One slice of forgetting settled messages with an id above `after`.

    Gives the id to go on after; None when no older message is left.
    """

    after: int = 0


@dataclass(frozen=True, slots=True)
class PruneDestinations(Write):
    """Forget connections of dead workers, and what passed to destinations more than a minute ago."""


def prune(store: Writer) -> None:
    """Forget all that may go by now. The writer serves others between the slices."""
    slice_ = PruneMessages()
    while (after := store.submit(slice_).result()) is not None:
        slice_ = replace(slice_, after=after)
    store.submit(PruneDestinations()).result()


@every(minutes=60, name="prune queue")
def prune_queue() -> None:
    """Messages that were settled long ago."""
    prune(writer())


@applies(PruneMessages)
def prune_messages(current: Transaction, writes: Sequence[PruneMessages]) -> list[int | None]:
    before = database_now(current) - KEPT
    return [_prune(current, write.after, before) for write in writes]


def _prune(current: Transaction, after: int, before: clock.Moment) -> int | None:
    # Ids rise with time, but for a block of them that a process may take long to use up.
    looked_at = current.rows(
        "SELECT m.id, m.accepted < %s, m.content_id IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM delivery_queuedrecipient q "
        "WHERE q.message_id = m.id AND (q.settled IS NULL OR q.settled >= %s)) "
        f"FROM delivery_queuedmessage m WHERE m.id > %s ORDER BY m.id LIMIT {_LOOKED_AT}",
        [before, before, after],
    )
    budget = _ROWS
    for message in [id_ for id_, is_old, is_done in looked_at if is_old and is_done]:
        budget -= _forget(current, message, budget)
        if budget <= 0:
            return int(message) - 1  # there may be more of it
    if len(looked_at) < _LOOKED_AT or not any(is_old for _, is_old, _ in looked_at):
        return None
    return int(looked_at[-1][0])


def _forget(current: Transaction, message: int, most: int) -> int:
    """Remove at most so many rows of a message, the message itself last; how many were removed."""
    recipients = "SELECT id FROM delivery_queuedrecipient WHERE message_id = %s"
    removed = 0
    for table, condition in (
        ("delivery_attempt", f"recipient_id IN ({recipients})"),
        ("delivery_queueevent", f"recipient_id IN ({recipients})"),
        ("delivery_queuedrecipient", "message_id = %s"),
        ("delivery_queuedmessage", "id = %s"),
    ):
        if removed >= most:
            return removed
        removed += current.run(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {condition} LIMIT %s)",
            [message, most - removed],
        )
    return removed


@applies(PruneDestinations)
def prune_destinations(current: Transaction, writes: Sequence[PruneDestinations]) -> list[None]:
    moment = database_now(current)
    current.run("DELETE FROM delivery_destinationslot WHERE until <= %s", [moment])
    current.run("DELETE FROM delivery_destinationpassage WHERE moment <= %s", [moment - clock.MINUTE])
    return [None] * len(writes)
