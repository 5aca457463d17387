import pytest

from delivery.models import (
    Attempt,
    DestinationPassage,
    DestinationSlot,
    QueuedMessage,
    QueuedRecipient,
    QueueEvent,
)
from delivery.queue.destinations import AdmitGroup
from delivery.queue.leases import LEASE
from delivery.queue.limits import DestinationLimits
from delivery.queue.pruning import KEPT, prune
from mail import clock
from mail.models import Content
from tests.world.delivering import deliverer
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.submissions import queue_letter
from tests.world.world import World


def test_a_message_is_forgotten_when_its_last_recipient_was_settled_long_ago(world: World) -> None:
    with SmtpPeer(Ordinary()) as server, deliverer(world) as worker:
        world.relay_everything(server.port)
        queue_letter(world, "a@remote.example", "b@other.example")
        (waiting, _) = queue_letter(world, "late@remote.example", "c@remote.example")
        QueuedRecipient.objects.filter(pk=waiting.pk).update(held=True)
        QueueEvent.objects.create(id=1, recipient=waiting, moment=clock.now(), kind="held")
        worker.deliver_due()
    clock.advance(KEPT - clock.HOUR)
    prune(world.writer)
    assert QueuedMessage.objects.count() == 2
    clock.advance(2 * clock.HOUR)
    prune(world.writer)
    assert list(QueuedMessage.objects.values_list("id", flat=True)) == [waiting.message_id]
    assert QueuedRecipient.objects.count() == 2
    assert Attempt.objects.count() == 1
    assert QueueEvent.objects.count() == 1


@pytest.mark.only_database("sqlite")
def test_many_recipients_and_messages_go_in_slices(world: World) -> None:
    world.lift_limits(world.alice)
    queue_letter(world, *[f"r{number}@remote.example" for number in range(700)])
    for _ in range(250):
        queue_letter(world, "x@remote.example")
    moment = clock.now()
    QueuedRecipient.objects.update(state="dropped", due=None, settled=moment)
    QueuedMessage.objects.update(content=None)
    Content.objects.update(doubtful=True)
    clock.advance(KEPT + clock.HOUR)
    (new,) = queue_letter(world, "new@remote.example")
    prune(world.writer)
    assert list(QueuedRecipient.objects.values_list("id", flat=True)) == [new.pk]
    assert list(QueuedMessage.objects.values_list("id", flat=True)) == [new.message_id]


@pytest.mark.only_database("sqlite")
def test_connections_and_passages_that_count_no_longer_are_forgotten(world: World) -> None:
    world.writer.submit(AdmitGroup("relay", DestinationLimits(5, 600), ((1,),), 5)).result()
    prune(world.writer)
    assert (DestinationSlot.objects.count(), DestinationPassage.objects.count()) == (1, 1)
    clock.advance(LEASE + clock.SECOND)
    prune(world.writer)
    assert (DestinationSlot.objects.count(), DestinationPassage.objects.count()) == (0, 0)
