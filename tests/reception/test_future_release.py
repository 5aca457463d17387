"""A user's message that is not to leave yet (RFC 4865)."""

import pytest

from delivery.models import QueuedRecipient, QueueEvent
from mail import clock
from tests.dsn.reports import blocks, parse, parts
from tests.world.delivering import deliverer
from tests.world.dns import FakeDns
from tests.world.letters import letter
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.smtp_server import MailServer
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

ALICE, CAROL = "alice@example.org", "carol@remote.example"
HOUR = 3600 * clock.SECOND


def hold(world: World, server: MailServer) -> QueuedRecipient:
    """alice's letter to carol, to be kept for an hour."""
    world.alice  # noqa: B018
    with server.submit() as client:
        answer = client.deliver(letter(sender=ALICE), ALICE, CAROL, parameters=" HOLDFOR=3600")
        assert answer.startswith("250"), answer
    return QueuedRecipient.objects.select_related("message").get()


def test_the_first_attempt_waits_and_all_further_times_count_from_it(
    world: World, server: MailServer
) -> None:
    world.alice  # noqa: B018
    with server.submit() as client:
        assert client.deliver(letter(sender=ALICE), ALICE, "dave@remote.example").startswith("250")
    at_once = QueuedRecipient.objects.select_related("message").get()
    QueuedRecipient.objects.all().delete()
    row = hold(world, server)
    assert row.due is not None
    assert at_once.due is not None
    assert 0 <= HOUR - (row.due - row.message.accepted) < 60 * clock.SECOND
    assert row.expires - row.due == at_once.expires - at_once.due
    (event,) = QueueEvent.objects.all()
    when = clock.as_datetime(row.due).strftime("%Y-%m-%d %H:%M:%SZ")
    assert event.text == f"not before {when}, as the sender asked (for;3600)"
    assert not row.held


def test_it_leaves_when_its_time_has_come_and_a_notice_repeats_the_request(
    world: World, server: MailServer
) -> None:
    records = {"remote.example": {"MX": ["10 mx.remote.example."]}, "mx.remote.example": {"A": ["127.0.0.1"]}}
    with (
        FakeDns(records) as dns,
        SmtpPeer(Ordinary(rcpt={CAROL: "550 5.1.1 no such user"})) as peer,
        deliverer(world, dns, smtp_port=peer.port) as worker,
    ):
        hold(world, server)
        worker.deliver_due()
        assert QueuedRecipient.objects.get().attempts == 0
        clock.advance(HOUR)
        worker.deliver_due()
    assert QueuedRecipient.objects.get().state == "failed"
    (notice,) = world.messages(world.alice)
    about_the_message = blocks(parts(parse(world.message_bytes(notice)))[1])[0]
    assert about_the_message["Future-Release-Request"] == "for;3600"


def test_addresses_here_are_refused_because_their_copies_would_come_at_once(
    world: World, server: MailServer
) -> None:
    world.alice, world.bob  # noqa: B018
    with server.submit() as client:
        client.begin(ALICE, CAROL, parameters=" HOLDFOR=3600")
        answer = client.ask("RCPT TO:<bob@example.org>")
        assert answer == "550 5.5.4 mail for addresses of this server can't be held back"
        assert client.content(letter(sender=ALICE)).startswith("250")
    assert world.messages(world.bob) == []
    assert QueuedRecipient.objects.count() == 1
