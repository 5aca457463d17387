"""Owners are told once when they come near a limit or reach it."""

import pytest

from delivery.models import LimitNotice
from mail import clock
from mail.models import Account, AccountCounters
from tests.outgoing_limits.sending import allow, send, send_in_one_commit
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

SAME = "carol@remote.example"


def subjects(world: World, account: Account) -> list[str]:
    return [message.content.subject for message in world.messages(account)]


def send_times(world: World, times: int) -> None:
    for _ in range(times):
        send(world, world.alice, SAME)


def test_at_four_fifths_and_at_the_limit_the_owner_is_told_once(world: World) -> None:
    allow(world.alice, messages=10)
    send_times(world, 7)
    assert subjects(world, world.alice) == []
    send_times(world, 2)
    near = "You have used 80 % of your limit on outgoing messages"
    assert subjects(world, world.alice) == [near]
    send_times(world, 3)
    reached = "Your limit on outgoing messages is reached"
    assert subjects(world, world.alice) == [near, reached]
    first, second = (world.message_bytes(message).decode() for message in world.messages(world.alice))
    assert "has sent 8 messages" in " ".join(first.split())
    assert "Nothing is refused yet." in first
    assert "To: <alice@example.org>\r\n" in second
    assert "UTC, in 24 h." in " ".join(second.split())
    rows = LimitNotice.objects.order_by("level").values_list("kind", "level", "used", "allowed")
    assert list(rows) == [("messages", 80, 8, 10), ("messages", 100, 10, 10)]


def test_going_down_and_up_within_a_day_tells_nobody_again(world: World) -> None:
    allow(world.alice, messages=10)
    send_times(world, 2)
    clock.advance(12 * clock.HOUR)
    send_times(world, 6)
    clock.advance(12 * clock.HOUR + clock.MINUTE)
    send_times(world, 2)
    assert len(subjects(world, world.alice)) == 1
    clock.advance(12 * clock.HOUR)
    send_times(world, 6)
    assert len(subjects(world, world.alice)) == 2


def test_a_raised_limit_is_another_one(world: World) -> None:
    allow(world.alice, messages=5)
    send_times(world, 4)
    allow(world.alice, messages=10)
    send_times(world, 4)
    assert len(subjects(world, world.alice)) == 2


def test_a_message_that_takes_all_at_once_is_told_of_once(world: World) -> None:
    allow(world.alice, recipients=5)
    assert send(world, world.alice, *(f"r{number}@remote.example" for number in range(5))) is None
    assert subjects(world, world.alice) == ["Your limit on first-time recipients is reached"]


def test_a_refusal_is_told_of_although_there_is_room_for_less(world: World) -> None:
    allow(world.alice, recipients=5)
    assert send(world, world.alice, *(f"r{number}@remote.example" for number in range(6))) is not None
    (message,) = world.messages(world.alice)
    text = " ".join(world.message_bytes(message).decode().split())
    assert "has written to 0 addresses for the first time" in text
    assert "more recipients than the limit allows at all" in text


def test_the_messages_of_one_commit_are_told_of_together(world: World) -> None:
    allow(world.alice, messages=5)
    assert send_in_one_commit(*[(world.alice, [SAME])] * 6) == [""] * 5 + ["messages"]
    assert subjects(world, world.alice) == ["Your limit on outgoing messages is reached"]


def test_nobody_is_told_of_a_limit_of_zero(world: World) -> None:
    allow(world.alice, messages=0)
    assert send(world, world.alice, SAME) is not None
    assert subjects(world, world.alice) == []


def test_a_notice_exceeds_the_quota_rather_than_being_lost(world: World) -> None:
    allow(world.alice, messages=1)
    Account.objects.update(quota_mb=1)
    AccountCounters.objects.update(bytes=1_000_000)
    send_times(world, 1)
    (notice,) = world.messages(world.alice)
    AccountCounters.objects.update(bytes=notice.size)
