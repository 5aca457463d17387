"""Recording what came of attempts: at once, under the lease, the notice to the sender in the same commit."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from django.db import connection

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


@dataclass(frozen=True, slots=True)
class Facts:
    """What an attempt's timeline shows of the way it took. `duration` in microseconds."""

    host: str = ""
    ip: str = ""
    tls: str = ""
    stage: str = ""
    duration: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class RecordResult:
    """What came of one recipient. No two are the same, even if they say the same.

    `state` is what it becomes; with WAITING `next_due` says when it is tried again. `attempt_id` is None
    when it was settled without an attempt. `notice` is a message about it to the sender's mailbox,
    `copies` are mailboxes of this server that it was delivered to. `way` is how far it came. `events`
    are noted with it, `suppression` is an address that its sender's account is not to write to any more.
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
    alone: Callable[[], AcceptMessage | None] | None = None
    """Makes the notice about this recipient alone, where `notice` is the same for several."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was not recorded.

    The recipients that are `late`, by id, belong to somebody else by now, or are settled. Results that are
    `torn` would have told the sender about one of those as well: they are to come again, each alone.
    """

    late: tuple[int, ...] = ()
    torn: tuple[RecordResult, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordResults(Write):
    """Record results that came at the same time. Gives a Recorded."""

    results: tuple[RecordResult, ...]

    @property
    def weight(self) -> int:
        notices = {id(result.notice): result.notice for result in self.results if result.notice}
        return sum(notice.weight for notice in notices.values())


def _locks(writes: Sequence[RecordResults]) -> Locks:
    results = [result for write in writes for result in write.results]
    accounts = {copy.account_id for result in results for copy in result.copies}
    accounts |= {copy.account_id for result in results if result.notice for copy in result.notice.deliveries}
    return Locks(accounts=accounts, recipients={result.recipient_id for result in results})


_ALL = Recorded()


@applies(RecordResults, needs=_locks)
def record_results(current: Transaction, writes: Sequence[RecordResults]) -> list[Recorded]:
    results = [result for write in writes for result in write.results]
    _update_attempts(current, results)
    torn = _torn(current, results)
    messages = _update_recipients(current, [result for result in results if result not in torn])
    ours = [result for result in results if result in messages]
    _deliver_copies(current, ours, messages)
    untold = _put_notices(current, ours)
    add_events(
        current,
        [
            event
            for result in ours
            for event in result.events
            if event.kind is not Kind.NOTICE or result.recipient_id not in untold
        ],
    )
    suppress(current, [result.suppression for result in ours if result.suppression])
    release_contents(current, {messages[result] for result in ours if result.state is not State.WAITING})
    return [_recorded(write.results, messages, torn) for write in writes]


def _recorded(
    results: Sequence[RecordResult], messages: Container[RecordResult], torn: Container[RecordResult]
) -> Recorded:
    left = [result for result in results if result not in messages]
    if not left:
        return _ALL
    late = tuple(result.recipient_id for result in left if result not in torn)
    return Recorded(late, tuple(result for result in left if result in torn))


def _torn(current: Transaction, results: Sequence[RecordResult]) -> set[RecordResult]:
    """Results of ours whose notice also tells about a recipient that is not ours any more."""
    shared = [result for result in results if result.alone]
    if not shared:
        return set()
    ours = set(
        current.given(
            "id bigint, token bigint",
            [(result.recipient_id, result.token) for result in shared],
            "SELECT q.id, q.lease_token FROM given JOIN delivery_queuedrecipient q "
            "ON q.id = given.id AND q.lease_token = given.token WHERE q.state = 'waiting'",
        )
    )
    lost = {id(result.notice) for result in shared if (result.recipient_id, result.token) not in ours}
    return {
        result
        for result in shared
        if id(result.notice) in lost and (result.recipient_id, result.token) in ours
    }


def _update_attempts(current: Transaction, results: Sequence[RecordResult]) -> None:
    current.given(
        "id bigint, duration bigint, host text, ip text, tls text, outcome text, stage text, code bigint, "
        "enhanced text, text text, policy text, tries text",
        [
            (result.attempt_id, result.facts.duration, result.facts.host, result.facts.ip, result.facts.tls,
             _OUTCOMES[result.state].value, result.facts.stage, result.reply.code, result.reply.enhanced,
             result.reply.text, result.way.policy, result.way.tries)
            for result in results
            if result.attempt_id is not None
        ],
        "UPDATE delivery_attempt SET duration = given.duration, host = given.host, ip = given.ip, "
        "tls = given.tls, outcome = given.outcome, stage = given.stage, code = given.code, "
        f"enhanced = given.enhanced, text = given.text, policy = given.policy, tries = {_json('tries')} "
        "FROM given WHERE delivery_attempt.id = given.id",
    )  # fmt: skip


def _update_recipients(current: Transaction, results: Sequence[RecordResult]) -> dict[RecordResult, int]:
    """The results whose lease is still ours, each with the recipient's message."""
    first = {result.recipient_id: result for result in reversed(results)}
    rows = current.given(
        "id bigint, token bigint, state text, due bigint, settled bigint, last_reply text, dialled text",
        [_recipient_columns(result) for result in first.values()],
        "UPDATE delivery_queuedrecipient SET state = given.state, due = given.due, lease_token = 0, "
        "lease_until = 0, settled = given.settled, last_reply = given.last_reply, "
        f"dialled = COALESCE({_json('dialled')}, delivery_queuedrecipient.dialled) "
        "FROM given WHERE delivery_queuedrecipient.id = given.id "
        "AND delivery_queuedrecipient.lease_token = given.token "
        "AND delivery_queuedrecipient.state = 'waiting' "
        "RETURNING delivery_queuedrecipient.id, delivery_queuedrecipient.message_id",
    )
    messages = {first[id_]: int(message) for id_, message in rows}
    # Whoever lost its lease may record in one batch with who has it: one statement can't tell them apart.
    others = [result for result in results if result is not first[result.recipient_id]]
    return messages | _update_recipients(current, others) if others else messages


def _recipient_columns(result: RecordResult) -> tuple[object, ...]:
    settled = None if result.state is State.WAITING else clock.now()
    return (
        result.recipient_id,
        result.token,
        result.state.value,
        result.next_due,
        settled,
        str(result.reply),
        result.way.dialled,
    )


def _json(column: str) -> str:
    return f"CAST(given.{column} AS jsonb)" if connection.vendor == "postgresql" else f"given.{column}"


def _put_notices(current: Transaction, results: Sequence[RecordResult]) -> set[int]:
    """Tell the senders; the recipients of whom a sender's mailbox has no room to hear."""
    notices = {id(result.notice): result.notice for result in results if result.notice}
    if not notices:
        return set()
    stored = put_into_mailboxes(current, list(notices.values()))
    untold = {notice for notice, there in zip(notices, stored, strict=True) if not there}
    return {result.recipient_id for result in results if id(result.notice) in untold}


def _deliver_copies(
    current: Transaction, results: Sequence[RecordResult], messages: dict[RecordResult, int]
) -> None:
    copies = []
    for result in results:
        if result.copies:
            ((content, size),) = current.rows(
                "SELECT c.id, c.size FROM delivery_queuedmessage m "
                "JOIN mail_content c ON c.id = m.content_id WHERE m.id = %s",
                [messages[result]],
            )
            copies += [(content, size, copy) for copy in result.copies]
    deliver(current, copies)
