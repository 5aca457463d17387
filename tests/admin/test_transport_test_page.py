import io
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from delivery.models import Transport
from tests.pages.visiting import page, visit_as
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

PASSWORD = "s3cret word"


@dataclass
class Relay:
    url: str
    server: SmtpPeer


@pytest.fixture
def relay(world: World) -> Iterator[Relay]:
    """A relay in clear text that wants a login."""
    with SmtpPeer(Ordinary(login={"me": PASSWORD})) as server:
        settings = {
            "host": "localhost",
            "port": server.port,
            "no_starttls": True,
            "username": "me",
            "mechanisms": ["PLAIN"],
        }
        transport = Transport(name="relay", kind="smtp", settings=settings)
        transport.set_password(PASSWORD)
        transport.save()
        yield Relay(f"/admin/delivery/transport/{transport.pk}/test/", server)


def test_the_page_shows_each_step_and_the_conversation(world: World, relay: Relay) -> None:
    client = visit_as(world.admin)
    assert "No mail is sent" in page(client, relay.url)
    assert relay.server.sessions == []
    response = client.post(relay.url, {"sender": "alice@example.org", "recipient": "carol@remote.example"})
    text = response.content.decode()
    for words in ("relay works", "235 ***", "RCPT TO:&lt;carol@remote.example&gt;", "AUTH PLAIN ***"):
        assert words in text
    assert PASSWORD not in text
    assert relay.server.messages == []


def test_a_failure_is_named_with_the_next_step(world: World, relay: Relay) -> None:
    Transport.objects.get().delete()
    transport = Transport.objects.create(name="relay", kind="smtp", settings={"host": "relay.invalid"})
    url = f"/admin/delivery/transport/{transport.pk}/test/"
    text = visit_as(world.admin).post(url, {}).content.decode()
    assert "DNS does not answer" in text or "Name does not resolve" in text


def test_what_can_not_be_tested_is_told(world: World) -> None:
    refuse = Transport.objects.create(name="refuse", kind="fail")
    plain = Transport.objects.create(name="plain", kind="direct")
    client = visit_as(world.admin)
    tested = f"/admin/delivery/transport/{refuse.pk}/test/"
    assert "asks nobody" in client.post(tested, {}).content.decode()
    tested = f"/admin/delivery/transport/{plain.pk}/test/"
    assert "Give a recipient" in client.post(tested, {}).content.decode()
    assert "This is no address" in client.post(tested, {"recipient": "x@"}).content.decode()
    assert client.post(f"/admin/delivery/transport/{plain.pk}9/test/", {}).status_code == 404
    assert visit_as(world.alice.login).post(tested, {"recipient": "a@b.example"}).status_code == 302


def test_the_command_says_the_same(world: World, relay: Relay) -> None:
    output = io.StringIO()
    words = ("transports", "test", "relay", "--from", "alice@example.org", "--to", "carol@remote.example")
    call_command(*words, stdout=output)
    said = output.getvalue()
    assert said.startswith(f"localhost:{relay.server.port}: works\n")
    assert "+ login" in said
    wrong = Transport.objects.get()
    wrong.set_password("other")
    wrong.save()
    output = io.StringIO()
    with pytest.raises(CommandError, match="Transport relay has a problem"):
        call_command(*words, stdout=output)
    assert "! wrong password: localhost" in output.getvalue()
    with pytest.raises(CommandError, match="NAME: There is no transport other"):
        call_command("transports", "test", "other")
