from delivery.models import QueuedRecipient, State
from delivery.queue.leases import LEASE, ExpireOverdue, RenewLeases, ReturnRecipients
from delivery.queue.leasing import Lease, LeaseDue
from mail import clock
from tests.world.submissions import queue_letter
from tests.world.world import World


def lease(world: World, window: int = 50, per_lane: int = 50, after: str = "", dispatcher: int = 1) -> Lease:
    found: Lease = world.writer.submit(LeaseDue(window, per_lane, after, dispatcher)).result()
    return found


def test_what_is_due_is_leased_once(world: World) -> None:
    queue_letter(world, "x@remote.example", "y@other.example")
    assert {leased.domain for leased in lease(world).recipients} == {"remote.example", "other.example"}
    assert lease(world).recipients == ()


def test_a_lease_that_ended_is_given_again_with_another_token(world: World) -> None:
    queue_letter(world, "x@remote.example")
    (first,) = lease(world).recipients
    clock.advance(LEASE + clock.SECOND)
    (second,) = lease(world).recipients
    assert second.id == first.id
    assert second.token != first.token


def test_a_lane_with_many_recipients_does_not_crowd_out_another(world: World) -> None:
    for _ in range(30):
        queue_letter(world, "x@dead.example")
    queue_letter(world, "y@remote.example")
    lanes = [leased.lane for leased in lease(world, window=10).recipients]
    assert lanes.count("dead.example") == 5
    assert "remote.example" in lanes


def test_a_lane_gets_no_more_leases_than_allowed_at_a_time(world: World) -> None:
    for _ in range(10):
        queue_letter(world, "x@dead.example")
    assert len(lease(world, per_lane=4).recipients) == 4
    assert len(lease(world, per_lane=4).recipients) == 0
    assert len(lease(world, per_lane=6).recipients) == 2


def test_what_a_dispatcher_before_leased_does_not_keep_its_lane_waiting(world: World) -> None:
    for _ in range(10):
        queue_letter(world, "x@remote.example")
    assert len(lease(world, per_lane=4, dispatcher=1).recipients) == 4
    assert len(lease(world, per_lane=4, dispatcher=2).recipients) == 4
    assert len(lease(world, per_lane=4, dispatcher=2).recipients) == 0


def test_rounds_go_on_behind_the_last_lane(world: World) -> None:
    queue_letter(world, *[f"x@{name}.example" for name in "abc"])
    first = lease(world, window=1)
    second = lease(world, window=1, after=first.last_lane)
    third = lease(world, window=1, after=second.last_lane)
    assert [each.recipients[0].domain for each in (first, second, third)] == [
        "a.example",
        "b.example",
        "c.example",
    ]
    queue_letter(world, "y@a.example")
    assert lease(world, window=1, after=third.last_lane).recipients[0].domain == "a.example"


def test_held_and_settled_recipients_are_not_leased(world: World) -> None:
    held, settled, _ = queue_letter(world, "a@remote.example", "b@remote.example", "c@remote.example")
    QueuedRecipient.objects.filter(pk=held.pk).update(held=True)
    QueuedRecipient.objects.filter(pk=settled.pk).update(state=State.FAILED, due=None)
    assert [leased.domain for leased in lease(world).recipients] == ["remote.example"]
    QueuedRecipient.objects.filter(pk=settled.pk).update(state=State.WAITING, due=clock.now())


def test_the_round_tells_when_the_next_recipient_is_due(world: World) -> None:
    (row,) = queue_letter(world, "a@remote.example")
    due = clock.now() + clock.HOUR
    QueuedRecipient.objects.filter(pk=row.pk).update(due=due)
    assert lease(world).next_due == due


def test_a_renewed_lease_lasts_longer(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (leased,) = lease(world).recipients
    clock.advance(LEASE - clock.SECOND)
    assert world.writer.submit(RenewLeases((leased.id,), leased.token)).result() == [leased.id]
    clock.advance(2 * clock.SECOND)
    assert lease(world).recipients == ()
    assert world.writer.submit(RenewLeases((leased.id,), leased.token + 1)).result() == []


def test_a_returned_recipient_is_due_at_once(world: World) -> None:
    queue_letter(world, "a@remote.example")
    (leased,) = lease(world).recipients
    world.writer.submit(ReturnRecipients((leased.id,), leased.token)).result()
    assert [again.id for again in lease(world).recipients] == [leased.id]
    assert QueuedRecipient.objects.get().attempts == 0


def test_what_has_expired_becomes_due_whatever_its_schedule(world: World) -> None:
    (row,) = queue_letter(world, "a@remote.example")
    QueuedRecipient.objects.filter(pk=row.pk).update(due=row.expires + clock.DAY)
    clock.advance(row.expires - clock.now() + clock.SECOND)
    assert lease(world).recipients == ()
    assert world.writer.submit(ExpireOverdue()).result() == 1
    assert [leased.id for leased in lease(world).recipients] == [row.id]


def test_many_lanes_are_walked_round(world: World) -> None:
    queue_letter(world, *[f"x@d{number:03}.example" for number in range(150)])
    seen: set[str] = set()
    after = ""
    for _ in range(4):
        round_ = lease(world, window=64, after=after)
        after = round_.last_lane
        seen |= {leased.domain for leased in round_.recipients}
    assert len(seen) == 150
