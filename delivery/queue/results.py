"""Recording what came of attempts: at once, under the lease, the notice to the sender in the same commit."""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.models import Attempt, State
from delivery.queue.events import Event, Kind, add_events
from delivery.queue.notices import put_into_mailboxes
from delivery.queue.releasing import release_contents
from delivery.queue.suppressing import NewSuppression, suppress
from delivery.queue.way import NO_WAY, Way
from mail import clock
from mail.errors import Reply
from mail.store.accept import AcceptMessage
from mail.store.deliver import LocalDelivery, deliver
from mail.store.write import Locks, Transaction, Write, applies

_OUTCOMES = {
    State.DELIVERED: Attempt.Outcome.DELIVERED,
    State.WAITING: Attempt.Outcome.TEMPORARY,
    State.FAILED: Attempt.Outcome.PERMANENT,
}


class StaleLease(Exception):
    """The recipient belongs to somebody else by now, or is settled: the result is not recorded for it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What an attempt's timeline shows of the way it took. `duration` in microseconds."""

    host: str = ""
    ip: str = ""
    tls: str = ""
    stage: str = ""
    duration: int = 0


@dataclass(frozen=True, slots=True)
class RecordResult(Write):
    """What came of one recipient.

    `state` is what it becomes; with WAITING `next_due` says when it is tried again. `attempt_id` is None
    when it was settled without an attempt. `notice` is a message about it to the sender's mailbox,
    `copies` are mailboxes of this server that it was delivered to. `way` is how far it came. `events`
    are noted with it, `suppression` is an address that its sender's account is not to write to any more.
    Raises StaleLease.
    """

    recipient_id: int
    token: int
    attempt_id: int | None
    state: State
    reply: Reply
    facts: Facts = Facts()
    next_due: clock.Moment | None = None
    notice: AcceptMessage | None = None
    copies: tuple[LocalDelivery, ...] = ()
    way: Way = NO_WAY
    events: tuple[Event, ...] = ()
    suppression: NewSuppression | None = None


def _locks(writes: Sequence[RecordResult]) -> Locks:
    accounts = {copy.account_id for write in writes for copy in write.copies}
    accounts |= {copy.account_id for write in writes if write.notice for copy in write.notice.deliveries}
    return Locks(accounts=accounts, recipients={write.recipient_id for write in writes})


@applies(RecordResult, needs=_locks)
def record_results(current: Transaction, writes: Sequence[RecordResult]) -> list[StaleLease | None]:
    _update_attempts(current, writes)
    messages: dict[int, int] = {}
    current_ones = []
    results: list[StaleLease | None] = []
    for write in writes:
        message = _update_recipient(current, write)
        if message is None:
            results.append(StaleLease(f"recipient {write.recipient_id}"))
            continue
        results.append(None)
        current_ones.append(write)
        messages[write.recipient_id] = message
    _deliver_copies(current, current_ones, messages)
    untold = _put_notices(current, current_ones)
    add_events(
        current,
        [
            event
            for write in current_ones
            for event in write.events
            if event.kind is not Kind.NOTICE or write.recipient_id not in untold
        ],
    )
    suppress(current, [write.suppression for write in current_ones if write.suppression])
    release_contents(
        current, {messages[w.recipient_id] for w in current_ones if w.state is not State.WAITING}
    )
    return results


def _update_attempts(current: Transaction, writes: Sequence[RecordResult]) -> None:
    current.cursor.executemany(
        "UPDATE delivery_attempt SET duration = %s, host = %s, ip = %s, tls = %s, outcome = %s, stage = %s, "
        "code = %s, enhanced = %s, text = %s, policy = %s, tries = %s WHERE id = %s",
        [
            (write.facts.duration, write.facts.host, write.facts.ip, write.facts.tls,
             _OUTCOMES[write.state].value, write.facts.stage, write.reply.code, write.reply.enhanced,
             write.reply.text, write.way.policy, write.way.tries, write.attempt_id)
            for write in writes
            if write.attempt_id is not None
        ],
    )  # fmt: skip


def _update_recipient(current: Transaction, write: RecordResult) -> int | None:
    """The id of its message, or None when the lease is not ours any more."""
    settled = None if write.state is State.WAITING else clock.now()
    rows = current.rows(
        "UPDATE delivery_queuedrecipient SET state = %s, due = %s, lease_token = 0, lease_until = 0, "
        "settled = %s, last_reply = %s, dialled = COALESCE(%s, dialled) "
        "WHERE id = %s AND lease_token = %s AND state = 'waiting' RETURNING message_id",
        [write.state.value, write.next_due, settled, str(write.reply), write.way.dialled,
         write.recipient_id, write.token],
    )  # fmt: skip
    return int(rows[0][0]) if rows else None


def _put_notices(current: Transaction, writes: Sequence[RecordResult]) -> set[int]:
    """Tell the senders; the recipients of whom a sender's mailbox has no room to hear."""
    telling = [(write.recipient_id, write.notice) for write in writes if write.notice]
    stored = put_into_mailboxes(current, [notice for _, notice in telling])
    return {recipient for (recipient, _), there in zip(telling, stored, strict=True) if not there}


def _deliver_copies(current: Transaction, writes: Sequence[RecordResult], messages: dict[int, int]) -> None:
    copies = []
    for write in writes:
        if write.copies:
            ((content, size),) = current.rows(
                "SELECT c.id, c.size FROM delivery_queuedmessage m "
                "JOIN mail_content c ON c.id = m.content_id WHERE m.id = %s",
                [messages[write.recipient_id]],
            )
            copies += [(content, size, copy) for copy in write.copies]
    deliver(current, copies)
