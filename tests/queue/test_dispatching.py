from collections.abc import Callable
from pathlib import Path

import pytest

from delivery.models import QueuedRecipient, Route, State, Transport
from delivery.queue import dispatcher as dispatcher_module
from delivery.queue.destinations import AdmitGroup, ReleaseSlot
from delivery.queue.dispatcher import PER_LANE, Dispatcher
from delivery.queue.groups import LARGEST, Group, Hop
from delivery.queue.leases import LeasedRecipient
from delivery.queue.leasing import LeaseDue
from delivery.queue.limits import DestinationLimits
from delivery.queue.results import RecordResult, RecordResults
from delivery.queue.roles import DISPATCHER_ROLE, ROLE_LEASE, HoldRole, LeaveRole
from delivery.queue.window import Slots
from mail import clock
from mail.errors import Reply
from mail.wake import WakeListener
from tests.world.delivering import deliverer
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.submissions import queue_letter, submission
from tests.world.waiting import wait_until
from tests.world.world import World

LIMITED = {"relay": DestinationLimits(connections=2)}


def relayed(recipient: LeasedRecipient) -> Hop:
    """Everything goes to the relay, but for free.example."""
    if recipient.domain == "free.example":
        return Hop("direct free.example")
    return Hop("relay", by_domain=False, limits=LIMITED["relay"])


@pytest.fixture
def published() -> list[Group]:
    return []


@pytest.fixture
def dispatcher(
    world: World, tmp_path: Path, published: list[Group]
) -> Callable[..., Dispatcher]:  # fmt: skip
    def make(hop: Callable[[LeasedRecipient], Hop] = relayed) -> Dispatcher:
        listener = WakeListener(tmp_path / "run", "delivery")
        return Dispatcher(
            world.writer, Slots(500, listener.poke), published.append, hop, listener, lambda: LIMITED
        )

    return make


def queue_many(world: World, count: int, domain: str = "") -> None:
    """So many messages, each to a domain of its own unless one is given."""
    for number in range(count):
        world.writer.submit(submission(world.alice, [f"x@{domain or f'd{number:03}.example'}"])).result()


@pytest.mark.only_database("sqlite")
def test_no_more_is_published_for_a_destination_than_its_connections_can_take(
    world: World, dispatcher: Callable[..., Dispatcher], published: list[Group]
) -> None:
    queue_many(world, 70)
    working = dispatcher()
    working.round()
    assert [group.messages for group in published] == [LARGEST, LARGEST]
    slots = []
    for group in published:
        admit = AdmitGroup("relay", LIMITED["relay"], tuple((id_,) for id_ in group.ids), group.token)
        slots.append(world.writer.submit(admit).result().slot)
    assert all(slots)
    queue_many(world, 1, "free.example")
    published.clear()
    lease = working.round()
    assert lease is not None
    assert [group.hop.destination for group in published] == ["direct free.example"]
    assert QueuedRecipient.objects.filter(lane="limit relay").count() == 30

    published.clear()
    lease = working.round()
    assert published == []
    assert lease is not None
    assert lease.next_due is None or lease.next_due > lease.moment, "no spinning while nothing can be done"

    world.writer.submit(ReleaseSlot(slots[0])).result()
    working.round()
    assert [group.messages for group in published] == [LARGEST]


@pytest.mark.only_database("sqlite")
def test_one_domain_with_much_mail_goes_on_when_its_groups_have_ended_without_a_pause(
    world: World, tmp_path: Path, published: list[Group], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher_module, "_PAUSE", 3600.0)
    world.lift_limits(world.alice)
    queue_many(world, 2 * PER_LANE + 1, "one.example")
    listener = WakeListener(tmp_path / "run", "delivery")
    slots = Slots(500, listener.poke)

    def publish(group: Group) -> None:
        published.append(group)
        reply = Reply(250, "2.0.0", "taken")
        results = [RecordResult(id_, group.token, None, State.DELIVERED, reply) for id_ in group.ids]
        world.writer.submit(RecordResults(tuple(results))).result()
        slots.release()

    working = Dispatcher(world.writer, slots, publish, lambda _: Hop("one.example"), listener)
    working.start()
    try:
        wait_until(lambda: sum(len(g.ids) for g in published) > 2 * PER_LANE, "all is published")
    finally:
        working.stop()


@pytest.mark.only_database("sqlite")
def test_two_dispatchers_neither_lease_twice_nor_too_much(
    world: World, dispatcher: Callable[..., Dispatcher], published: list[Group]
) -> None:
    queue_many(world, 90)
    one, two = dispatcher(), dispatcher()
    for _ in range(4):
        one.round()
        two.round()
    ids = [id_ for group in published for id_ in group.ids]
    assert len(ids) == len(set(ids))
    begun = [
        world.writer.submit(
            AdmitGroup("relay", LIMITED["relay"], tuple((id_,) for id_ in group.ids), group.token)
        ).result()
        for group in published
    ]
    assert sum(bool(each.slot) for each in begun) == 2


@pytest.mark.only_database("sqlite")
def test_the_recipients_of_a_message_stay_together_however_many_domains_they_are_of(
    world: World, dispatcher: Callable[..., Dispatcher], published: list[Group]
) -> None:
    world.lift_limits(world.alice)
    addresses = [f"x@d{number:03}.example" for number in range(300)]
    addresses += [f"y{number}@one.example" for number in range(150)]
    queue_letter(world, *addresses)
    dispatcher().round()
    (group,) = published
    assert len(group.ids) == 450


@pytest.mark.only_database("sqlite")
def test_recipients_in_one_domain_stay_together_beside_many_other_domains(
    world: World, dispatcher: Callable[..., Dispatcher], published: list[Group]
) -> None:
    world.lift_limits(world.alice)
    queue_many(world, 199)
    queue_letter(world, "a@d000.example", "b@zone.example", *[f"x{n}@zone.example" for n in range(30)])
    dispatcher(lambda recipient: Hop(recipient.domain)).round()
    together = [group for group in published if group.recipients[0].domain == "zone.example"]
    assert [len(group.ids) for group in together] == [31]


@pytest.mark.only_database("sqlite")
def test_what_is_demanded_of_tls_and_transport_separates_recipients(
    world: World, dispatcher: Callable[..., Dispatcher], published: list[Group]
) -> None:
    rows = queue_letter(world, *[f"{name}@remote.example" for name in "abcd"])
    QueuedRecipient.objects.filter(pk=rows[1].pk).update(tls_demand="required")
    QueuedRecipient.objects.filter(pk=rows[2].pk).update(transport="relay", lane="transport relay")
    dispatcher(lambda recipient: Hop("relay", by_domain=False)).round()
    assert sorted(group.ids for group in published) == [
        (rows[0].pk, rows[3].pk),
        (rows[1].pk,),
        (rows[2].pk,),
    ]


def test_a_dispatcher_whose_role_another_one_has_leases_nothing(world: World) -> None:
    queue_letter(world, "x@remote.example")
    first = world.writer.submit(HoldRole(DISPATCHER_ROLE, "one")).result()
    clock.advance(ROLE_LEASE + clock.SECOND)
    assert not world.writer.submit(LeaseDue(10, 10, "", 1, fence=first)).result().recipients
    second = world.writer.submit(HoldRole(DISPATCHER_ROLE, "two")).result()
    assert not world.writer.submit(LeaseDue(10, 10, "", 1, fence=first)).result().recipients
    assert len(world.writer.submit(LeaseDue(10, 10, "", 1, fence=second)).result().recipients) == 1
    world.writer.submit(LeaveRole(DISPATCHER_ROLE, "two")).result()


@pytest.mark.only_database("sqlite")
def test_messages_beyond_the_rate_are_sent_when_it_allows_without_counting_an_attempt(world: World) -> None:
    with SmtpPeer(Ordinary()) as server, deliverer(world) as worker:
        settings = {"hosts": [f"localhost:{server.port}"], "no_starttls": True, "max_messages_per_minute": 6}
        relay = Transport(name="relay", kind="smtp", settings=settings)
        relay.save()
        Route(transport=relay).save()
        for number in range(3):
            queue_letter(world, f"x{number}@remote.example")
        worker.deliver_due()
        assert len(server.messages) == 1
        assert list(QueuedRecipient.objects.filter(state="waiting").values_list("attempts", "lane")) == [
            (0, "limit relay"),
            (0, "limit relay"),
        ]
        clock.advance(10 * clock.SECOND)
        worker.deliver_due()
        assert len(server.messages) == 2
        clock.advance(10 * clock.SECOND)
        worker.deliver_due()
    assert len(server.messages) == 3
    assert set(QueuedRecipient.objects.values_list("state", "attempts")) == {("delivered", 1)}
