from functools import partial

from delivery.models import Attempt, QueuedMessage, QueuedRecipient, State
from delivery.queue.begin import BeginAttempts, Begun
from delivery.queue.leases import LEASE, LeasedRecipient
from delivery.queue.leasing import LeaseDue
from delivery.queue.recording import wait_for_records
from delivery.queue.results import Facts, Recorded, RecordResult, RecordResults
from delivery.queue.schedule import FIRST_DELAY, JITTER
from mail import clock
from mail.errors import Reply
from mail.models import Content
from mail.store.accept import AcceptMessage
from tests.world.letters import accept_letter, letter, to_inbox
from tests.world.submissions import queue_letter
from tests.world.world import World

OK = Reply(250, "2.0.0", "queued as 4BX")
LATER = Reply(451, "4.7.1", "greylisted")
NO = Reply(550, "5.1.1", "no such user")


def lease(world: World) -> list[LeasedRecipient]:
    return list(world.writer.submit(LeaseDue(50, 50, "", 1)).result().recipients)


def begin(world: World, *leased: LeasedRecipient) -> list[Begun]:
    rules = tuple((each.id, "global rule 1") for each in leased)
    found: list[Begun] = world.writer.submit(BeginAttempts(rules, leased[0].token, "relay")).result()
    return found


def record(world: World, *results: RecordResult) -> tuple[int, ...]:
    late: tuple[int, ...] = world.writer.submit(RecordResults(results)).result().late
    return late


def failures_with_one_notice(
    world: World, leased: list[LeasedRecipient], notice: AcceptMessage
) -> list[RecordResult]:  # fmt: skip
    """Each has begun and failed; should the notice for all be refused, each has one of its own."""
    return [
        RecordResult(
            each.recipient_id,
            leased[0].token,
            each.attempt_id,
            State.FAILED,
            NO,
            notice=notice,
            alone=partial(accept_letter, letter(f"about {each.recipient_id}"), world.alice),
        )
        for each in begin(world, *leased)
    ]


def test_an_attempt_is_counted_and_the_next_scheduled_before_dialing(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (leased,) = lease(world)
    (begun,) = begin(world, leased)
    row = QueuedRecipient.objects.get()
    assert (row.attempts, begun.number) == (1, 1)
    assert row.due is not None
    assert abs(row.due - begun.started - FIRST_DELAY) <= JITTER
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.rule, attempt.transport) == ("running", "global rule 1", "relay")


def test_what_was_held_meanwhile_is_not_begun(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (leased,) = lease(world)
    QueuedRecipient.objects.update(held=True)
    assert begin(world, leased) == []


def test_a_lease_that_ended_begins_nothing(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (leased,) = lease(world)
    clock.advance(LEASE + 1)
    assert begin(world, leased) == []


def test_a_delivered_message_lets_its_content_go(world: World) -> None:
    queue_letter(world, "a@remote.example", "b@remote.example")
    leased = lease(world)
    begun = begin(world, *leased)
    for number, each in enumerate(begun):
        facts = Facts("relay.example", "192.0.2.25", "TLSv1.3", "end", 410_000)
        result = RecordResult(each.recipient_id, leased[0].token, each.attempt_id, State.DELIVERED, OK, facts)
        record(world, result)
        assert (QueuedMessage.objects.get().content_id is None) == (number == 1)
    assert Content.objects.get().doubtful
    row = QueuedRecipient.objects.first()
    assert row is not None
    assert (row.state, row.due, row.last_reply) == ("delivered", None, "250 2.0.0 queued as 4BX")
    attempt = Attempt.objects.first()
    assert attempt is not None
    assert (attempt.host, attempt.duration, attempt.code) == ("relay.example", 410_000, 250)


def test_a_temporary_failure_waits_for_its_next_attempt(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (leased,) = lease(world)
    (begun,) = begin(world, leased)
    result = RecordResult(
        leased.id, leased.token, begun.attempt_id, State.WAITING, LATER, next_due=begun.next_due
    )
    record(world, result)
    row = QueuedRecipient.objects.get()
    assert (row.state, row.due, row.lease_token) == ("waiting", begun.next_due, 0)


def test_a_failure_and_its_notice_are_one_commit(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (leased,) = lease(world)
    (begun,) = begin(world, leased)
    notice = accept_letter(letter("Undeliverable"), world.alice)
    result = RecordResult(leased.id, leased.token, begun.attempt_id, State.FAILED, NO, notice=notice)
    record(world, result)
    assert [message.content.subject for message in world.messages(world.alice)] == ["Undeliverable"]
    assert QueuedRecipient.objects.get().state == "failed"


def test_a_result_under_a_lost_lease_is_refused_and_tells_nobody(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (leased,) = lease(world)
    (begun,) = begin(world, leased)
    clock.advance(clock.HOUR)
    (other,) = lease(world)
    notice = accept_letter(letter("Undeliverable"), world.alice)
    result = RecordResult(leased.id, leased.token, begun.attempt_id, State.FAILED, NO, notice=notice)
    assert record(world, result) == (leased.id,)
    assert world.messages(world.alice) == []
    assert QueuedRecipient.objects.get().lease_token == other.token


def test_a_late_result_counts_while_nobody_else_took_over(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (leased,) = lease(world)
    (begun,) = begin(world, leased)
    clock.advance(clock.HOUR)
    result = RecordResult(leased.id, leased.token, begun.attempt_id, State.DELIVERED, OK)
    record(world, result)
    assert QueuedRecipient.objects.get().state == "delivered"


def test_a_copy_for_a_mailbox_here_shares_the_content(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (leased,) = lease(world)
    (begun,) = begin(world, leased)
    result = RecordResult(
        leased.id, leased.token, begun.attempt_id, State.DELIVERED, OK, copies=(to_inbox(world.bob),)
    )
    record(world, result)
    assert len(world.messages(world.bob)) == 1
    assert Content.objects.count() == 1


def test_forty_results_in_one_commit_are_each_their_own(world: World) -> None:
    queue_letter(world, *(f"r{number}@remote.example" for number in range(40)))
    leased = lease(world)
    results = [
        RecordResult(
            each.recipient_id,
            leased[0].token,
            each.attempt_id,
            State.DELIVERED if each.recipient_id % 2 else State.WAITING,
            Reply(250, "2.0.0", f"queued as {each.recipient_id}"),
            Facts(host=f"mx{each.number}.example", duration=each.recipient_id),
            next_due=None if each.recipient_id % 2 else each.next_due,
        )
        for each in begin(world, *leased)
    ]
    assert record(world, *results) == ()
    for result, row in zip(results, QueuedRecipient.objects.order_by("id"), strict=True):
        assert (row.state, row.due, row.last_reply) == (result.state, result.next_due, str(result.reply))
        attempt = row.attempt_log.get()
        assert (attempt.duration, attempt.text) == (result.facts.duration, result.reply.text)
    assert QueuedMessage.objects.get().content_id is not None


def test_who_has_the_lease_records_beside_who_lost_it(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (lost,) = lease(world)
    (early,) = begin(world, lost)
    clock.advance(clock.HOUR)
    (leased,) = lease(world)
    (begun,) = begin(world, leased)
    late = RecordResult(lost.id, lost.token, early.attempt_id, State.FAILED, NO)
    result = RecordResult(leased.id, leased.token, begun.attempt_id, State.DELIVERED, OK)
    twice = RecordResult(leased.id, leased.token, begun.attempt_id, State.DELIVERED, OK)
    assert record(world, late, result, twice) == (leased.id, leased.id)
    assert QueuedRecipient.objects.get().state == "delivered"
    assert {attempt.outcome for attempt in Attempt.objects.all()} == {"delivered", "permanent"}


def test_groups_that_begin_together_keep_their_own_rules(world: World) -> None:
    queue_letter(world, "a@remote.example", "b@other.example")
    one, other = lease(world)
    futures = [
        world.writer.submit(BeginAttempts(((each.id, f"rule of {each.domain}"),), each.token, each.domain))
        for each in (one, other)
    ]
    for each, future in zip((one, other), futures, strict=True):
        (begun,) = future.result()
        attempt = Attempt.objects.get(pk=begun.attempt_id)
        assert (attempt.recipient_id, attempt.rule) == (each.id, f"rule of {each.domain}")
        assert attempt.transport == each.domain


def test_an_attempt_asked_for_twice_begins_once(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (leased,) = lease(world)
    rules = ((leased.id, "rule"), (leased.id, "rule"))
    assert len(world.writer.submit(BeginAttempts(rules, leased.token, "relay")).result()) == 1
    assert QueuedRecipient.objects.get().attempts == 1


def test_a_notice_about_several_is_one_and_never_tells_of_a_recipient_that_is_not_ours(world: World) -> None:
    queue_letter(world, "a@remote.example", "b@remote.example", "c@remote.example")
    leased = lease(world)
    notice = accept_letter(letter("about all three"), world.alice)
    results = failures_with_one_notice(world, leased, notice)
    QueuedRecipient.objects.filter(pk=leased[1].id).update(state="dropped", due=None, lease_token=0)
    future = world.writer.submit(RecordResults(tuple(results)))
    assert future.result() == Recorded(late=(leased[1].id,), torn=(results[0], results[2]))
    assert world.messages(world.alice) == []
    wait_for_records(world.writer, results, future)
    subjects = {message.content.subject for message in world.messages(world.alice)}
    assert subjects == {f"about {leased[0].id}", f"about {leased[2].id}"}
    states = QueuedRecipient.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["failed", "dropped", "failed"]


def test_a_notice_about_several_comes_once(world: World) -> None:
    queue_letter(world, "a@remote.example", "b@remote.example")
    leased = lease(world)
    notice = accept_letter(letter("about both"), world.alice)
    assert record(world, *failures_with_one_notice(world, leased, notice)) == ()
    assert len(world.messages(world.alice)) == 1
