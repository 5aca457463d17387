from concurrent.futures import Future
from typing import Any

import pytest

from delivery.models import Attempt, QueuedMessage, QueuedRecipient, QueueEvent, State, Transport
from delivery.queue import operations
from delivery.queue.begin import BeginAttempts, Begun
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
from delivery.queue.leases import ExpireOverdue, LeasedRecipient
from delivery.queue.leasing import LeaseDue
from delivery.queue.operations import change_queue, give_up_recipients
from delivery.queue.results import RecordResult, RecordResults
from mail import clock
from mail.errors import Reply
from mail.models import Content
from tests.world.submissions import queue_letter
from tests.world.world import World

OK = Reply(250, "2.0.0", "queued as 4BX")
LATER = Reply(451, "4.7.1", "greylisted")


def begin(world: World) -> tuple[LeasedRecipient, Begun]:
    """An attempt is under way for the one recipient that is due."""
    (leased,) = world.writer.submit(LeaseDue(50, 50, "", 1)).result().recipients
    begin = BeginAttempts(((leased.id, "global rule 1"),), leased.token, "relay")
    (begun,) = world.writer.submit(begin).result()
    return leased, begun


def result(leased: LeasedRecipient, begun: Begun, state: State, reply: Reply) -> RecordResult:
    due = begun.next_due if state is State.WAITING else None
    return RecordResult(leased.id, leased.token, begun.attempt_id, state, reply, next_due=due)


def record(world: World, result: RecordResult) -> tuple[int, ...]:
    late: tuple[int, ...] = world.writer.submit(RecordResults((result,))).result().late
    return late


def events() -> list[tuple[str, str, str]]:
    return [(event.kind, event.by, event.text) for event in QueueEvent.objects.all()]


def test_each_change_is_made_and_noted(world: World) -> None:
    Transport.objects.create(name="relay", kind="submission", settings={"host": "relay.example"})
    (row,) = queue_letter(world, "a@remote.example")
    noon = clock.now() + clock.HOUR
    for change in (
        MoveTo(noon),
        MoveBy(-clock.MINUTE),
        Hold("looks like spam", noon),
        TakeTransport("relay"),
        DemandTls("required"),
    ):
        assert change_queue([row.pk], change, "admin") == 1
    row.refresh_from_db()
    assert (row.due, row.held, row.hold_reason, row.held_until) == (
        noon - clock.MINUTE, True, "looks like spam", noon,
    )  # fmt: skip
    assert (row.transport, row.lane, row.tls_demand) == ("relay", "transport relay", "required")
    assert [kind for kind, _, _ in events()] == ["rescheduled", "rescheduled", "held", "transport", "tls"]
    assert {by for _, by, _ in events()} == {"admin"}
    assert change_queue([row.pk], TakeTransport("")) == 1
    assert change_queue([row.pk], Release()) == 1
    row.refresh_from_db()
    assert (row.transport, row.lane, row.held, row.hold_reason, row.held_until) == (
        "", "remote.example", False, "", None,
    )  # fmt: skip


@pytest.mark.only_database("sqlite")
def test_a_transport_that_does_not_exist_is_refused(world: World) -> None:
    (row,) = queue_letter(world, "a@remote.example")
    with pytest.raises(LookupError, match="nowhere"):
        change_queue([row.pk], TakeTransport("nowhere"))
    assert events() == []


def test_a_dropped_recipient_stays_so_whatever_its_running_attempt_brings(world: World) -> None:
    (row,) = queue_letter(world, "a@remote.example")
    leased, begun = begin(world)
    assert change_queue([row.pk], Drop(), "admin") == 1
    assert QueuedMessage.objects.get().content_id is None
    assert Content.objects.get().doubtful
    assert record(world, result(leased, begun, State.DELIVERED, OK)) == (leased.id,)
    row.refresh_from_db()
    assert (row.state, row.due, row.attempts) == ("dropped", None, 1)
    assert world.messages(world.alice) == []
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.text) == ("delivered", "queued as 4BX")
    assert change_queue([row.pk], Release()) == 0


def test_giving_up_tells_the_sender_once_for_each_message(world: World) -> None:
    first = queue_letter(world, "a@remote.example", "b@remote.example", "c@remote.example")
    second = queue_letter(world, "d@other.example")
    change_queue([first[2].pk], Drop())
    QueuedRecipient.objects.filter(pk=first[0].pk).update(attempts=3, last_reply="451 4.7.1 greylisted")
    assert give_up_recipients([row.pk for row in first + second], "admin") == 3
    notices = [world.message_bytes(message) for message in world.messages(world.alice)]
    assert len(notices) == 2
    about_first = notices[0].replace(b"\r\n", b"\n")
    assert about_first.count(b"Action: failed") == 2
    assert b"an administrator of" in about_first
    assert b"greylisted" in about_first
    assert b"c@remote.example" not in about_first
    row = QueuedRecipient.objects.get(pk=first[0].pk)
    assert (row.state, row.attempts, row.due) == ("failed", 3, None)
    assert set(QueuedMessage.objects.values_list("content_id", flat=True)) == {None}
    assert events().count(("failed", "admin", "")) == 3


def test_what_was_given_up_during_an_attempt_is_not_tried_again(world: World) -> None:
    (row,) = queue_letter(world, "a@remote.example")
    leased, begun = begin(world)
    assert give_up_recipients([row.pk]) == 1
    assert record(world, result(leased, begun, State.WAITING, LATER)) == (leased.id,)
    row.refresh_from_db()
    assert row.state == "failed"


@pytest.mark.only_database("sqlite")
def test_a_hold_during_an_attempt_lets_it_complete_and_holds_afterwards(world: World) -> None:
    (row,) = queue_letter(world, "a@remote.example")
    leased, begun = begin(world)
    assert change_queue([row.pk], Hold()) == 1
    assert change_queue([row.pk], RetryNow()) == 0
    record(world, result(leased, begun, State.WAITING, LATER))
    row.refresh_from_db()
    assert (row.held, row.due, row.state) == (True, begun.next_due, "waiting")


@pytest.mark.only_database("sqlite")
def test_time_on_hold_and_a_later_time_do_not_count_against_the_life_of_a_message(world: World) -> None:
    held, moved = queue_letter(world, "a@remote.example", "b@remote.example")
    change_queue([held.pk], Hold())
    change_queue([moved.pk], MoveBy(10 * clock.DAY))
    clock.advance(9 * clock.DAY)
    change_queue([held.pk], Release())
    world.writer.submit(ExpireOverdue()).result()
    held.refresh_from_db()
    moved.refresh_from_db()
    assert held.expires > clock.now() + clock.DAY
    assert moved.due is not None
    assert clock.now() < moved.due < moved.expires


@pytest.mark.only_database("sqlite")
def test_what_is_tried_right_now_is_not_moved(world: World) -> None:
    (row,) = queue_letter(world, "a@remote.example")
    begin(world)
    assert change_queue([row.pk], RetryNow()) == 0
    assert change_queue([row.pk], MoveBy(clock.HOUR)) == 0


@pytest.mark.only_database("sqlite")
def test_many_recipients_are_changed_in_slices(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "SLICE", 2)
    rows = queue_letter(world, *[f"x{number}@remote.example" for number in range(5)])
    sizes: list[int] = []
    submit = world.writer.submit

    def counted(write: ChangeRecipients) -> "Future[Any]":
        sizes.append(len(write.ids))
        return submit(write)

    monkeypatch.setattr(world.writer, "submit", counted)
    assert change_queue([row.pk for row in rows], Hold()) == 5
    assert sizes == [2, 2, 1]
