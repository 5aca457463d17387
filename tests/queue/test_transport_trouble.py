import pytest

from delivery.models import QueuedRecipient, Suppression, TransportTrouble
from tests.world.delivering import deliverer
from tests.world.dns import FakeDns
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.submissions import queue_letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def refuses(peer: object) -> None:
    from tests.world.smtp_peer import PeerSession

    assert isinstance(peer, PeerSession)
    peer.send("554 5.7.1 not you")


def attempt_all(world: World) -> None:
    with FakeDns({"localhost": {"A": ["127.0.0.1"]}}) as dns, deliverer(world, dns) as worker:
        worker.deliver_due()


def test_failures_before_mail_at_a_relay_are_noted_until_it_works_and_suppress_nobody(world: World) -> None:
    with SmtpPeer(refuses) as relay:
        world.relay_everything(relay.port)
        for recipient in ("a@remote.example", "b@other.example"):
            queue_letter(world, recipient)
            attempt_all(world)
    trouble = TransportTrouble.objects.get()
    assert (trouble.transport, trouble.attempts, trouble.stage) == ("relay", 2, "greeting")
    assert "not you" in trouble.text
    assert set(QueuedRecipient.objects.values_list("state", flat=True)) == {"waiting"}
    assert not Suppression.objects.exists()
    with SmtpPeer(Ordinary()) as relay:
        from delivery.models import Transport

        transport = Transport.objects.get()
        transport.settings["hosts"] = [f"localhost:{relay.port}"]
        transport.save()
        queue_letter(world, "c@remote.example")
        attempt_all(world)
    world.finish()
    assert not TransportTrouble.objects.exists()


def test_a_recipient_refused_by_a_relay_is_no_trouble(world: World) -> None:
    with SmtpPeer(Ordinary(rcpt={"a@remote.example": "450 4.2.1 busy"})) as relay:
        world.relay_everything(relay.port)
        queue_letter(world, "a@remote.example")
        attempt_all(world)
    world.finish()
    assert not TransportTrouble.objects.exists()
