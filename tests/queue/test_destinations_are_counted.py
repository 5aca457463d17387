import random
import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from delivery.models import DestinationPassage, DestinationSlot, QueuedRecipient
from delivery.queue.destinations import AdmitGroup, Admitted, AskRoom, ReleaseSlot, RenewSlot
from delivery.queue.leases import LEASE
from delivery.queue.leasing import LeaseDue
from delivery.queue.limits import DestinationLimits
from mail import clock
from mail.store.writer import Writer
from tests.world.submissions import queue_letter
from tests.world.world import World


@pytest.fixture
def other(world: World) -> Iterator[Writer]:
    """The writer of another process."""
    writer = Writer()
    yield writer
    writer.stop()


def asking(connections: int, per_minute: int = 0, messages: int = 1) -> AdmitGroup:
    unknown = tuple((number,) for number in range(1, messages + 1))
    return AdmitGroup("relay", DestinationLimits(connections, per_minute), unknown, 5)


def admitted(future: "Future[Admitted]") -> bool:
    return bool(future.result().recipients)


def test_two_writers_together_give_no_more_connections_than_there_are(world: World, other: Writer) -> None:
    chance = random.Random(7)
    held: list[int] = []
    for _ in range(15):
        asked = [chance.choice((world.writer, other)).submit(asking(3)) for _ in range(chance.randint(1, 6))]
        for admission in [future.result() for future in asked]:
            if admission.recipients:
                held.append(admission.slot)
        assert len(held) == DestinationSlot.objects.count() <= 3
        assert len(held) == 3 or len(asked) < 3
        chance.shuffle(held)
        for slot in [held.pop() for _ in range(chance.randint(0, len(held)))]:
            chance.choice((world.writer, other)).submit(ReleaseSlot(slot)).result()


def test_a_connection_of_a_dead_worker_counts_until_its_lease_ends(world: World) -> None:
    assert admitted(world.writer.submit(asking(1)))
    clock.advance(LEASE - clock.SECOND)
    assert not admitted(world.writer.submit(asking(1)))
    clock.advance(2 * clock.SECOND)
    assert admitted(world.writer.submit(asking(1)))


def test_a_renewed_connection_counts_for_longer(world: World) -> None:
    slot = world.writer.submit(asking(1)).result().slot
    clock.advance(LEASE - clock.SECOND)
    world.writer.submit(RenewSlot(slot)).result()
    clock.advance(LEASE - clock.SECOND)
    assert not admitted(world.writer.submit(asking(1)))


def test_two_writers_together_let_no_more_messages_through_in_any_minute(world: World, other: Writer) -> None:
    chance = random.Random(11)
    passed: list[tuple[int, int]] = []
    for _ in range(40):
        clock.advance(chance.randrange(0, 12 * clock.SECOND))
        asked = [
            writer.submit(asking(0, 12, chance.randint(1, 4)))
            for writer in (world.writer, other)
            for _ in range(chance.randint(0, 2))
        ]
        now = clock.now()
        passed += [(now, len(future.result().recipients)) for future in asked]
    for begin, _ in passed:
        # What is noted here is some milliseconds off what the database noted.
        end = begin + clock.MINUTE - clock.SECOND
        assert sum(messages for moment, messages in passed if begin <= moment < end) <= 12
    assert sum(messages for _, messages in passed) > 12
    assert DestinationPassage.objects.count() <= 13


def test_the_room_of_a_destination_can_be_asked(world: World) -> None:
    limits = DestinationLimits(2, 60)
    world.writer.submit(asking(2, 60, 4)).result()
    (room, other) = world.writer.submit(AskRoom((("relay", limits), ("elsewhere", limits)))).result()
    assert (room.connections, room.messages) == (1, 6)
    assert (other.connections, other.messages) == (2, 10)


def test_what_is_not_admitted_waits_unattempted_in_a_lane_that_no_room_holds_back(world: World) -> None:
    limits = {"relay": DestinationLimits(1, 0)}
    queue_letter(world, "a@one.example")
    queue_letter(world, "b@two.example")
    leased = world.writer.submit(LeaseDue(10, 10, "", 1, limits)).result().recipients
    groups = [AdmitGroup("relay", limits["relay"], ((each.id,),), each.token) for each in leased]
    first, second = [world.writer.submit(group).result() for group in groups]
    assert (first.recipients, second.recipients) == ((leased[0].id,), ())
    waiting = QueuedRecipient.objects.get(pk=leased[1].id)
    assert (waiting.lane, waiting.attempts, waiting.lease_token) == ("limit relay", 0, 0)

    queue_letter(world, "c@free.example")
    round_ = world.writer.submit(LeaseDue(10, 10, "", 1, limits)).result()
    assert [each.domain for each in round_.recipients] == ["free.example"]
    assert round_.next_due > clock.now(), "the dispatcher need not come again at once"

    world.writer.submit(ReleaseSlot(first.slot)).result()
    (again,) = world.writer.submit(LeaseDue(10, 10, "", 1, limits)).result().recipients
    assert again.id == waiting.pk
    assert world.writer.submit(
        AdmitGroup("relay", limits["relay"], ((again.id,),), again.token)
    ).result().recipients == (again.id,)
    waiting.refresh_from_db()
    assert waiting.lane == waiting.domain, "its next attempt may take another way"


def test_a_round_leases_no_more_for_a_limited_destination_than_may_pass(world: World) -> None:
    limits = {"relay": DestinationLimits(0, 30)}
    for _ in range(12):
        queue_letter(world, "x@remote.example")
    QueuedRecipient.objects.update(lane="limit relay")
    round_ = world.writer.submit(LeaseDue(100, 100, "", 1, limits)).result()
    assert len(round_.recipients) == 5
    world.writer.submit(asking(0, 30, 5)).result()
    clock.advance(clock.SECOND)
    round_ = world.writer.submit(LeaseDue(100, 100, "", 2, limits)).result()
    assert round_.recipients == ()
    seconds = (round_.next_due - clock.now()) / clock.SECOND
    assert 8 < seconds < 10


def test_without_its_limits_a_waiting_lane_is_a_lane_like_others(world: World) -> None:
    queue_letter(world, "x@remote.example")
    QueuedRecipient.objects.update(lane="limit relay")
    world.writer.submit(asking(1)).result()
    assert len(world.writer.submit(LeaseDue(10, 10, "", 1)).result().recipients) == 1


@pytest.mark.only_database("postgresql")
def test_many_writers_asking_for_many_destinations_at_once_wait_for_each_other_in_order(world: World) -> None:
    writers = [Writer() for _ in range(3)]
    barrier = threading.Barrier(3)
    given: dict[str, int] = {}

    def ask(writer: Writer) -> None:
        barrier.wait()
        for number in range(30):
            name = f"relay{number % 4}"
            writer.submit(AdmitGroup(name, DestinationLimits(2, 0), ((1,),), 5)).result()

    threads = [threading.Thread(target=ask, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for writer in writers:
        writer.stop()
    for name in DestinationSlot.objects.values_list("destination", flat=True):
        given[name] = given.get(name, 0) + 1
    assert given == {f"relay{number}": 2 for number in range(4)}
