"""What is disabled or refuses mail, seen from both sides."""

import pytest
from django.test import override_settings

from delivery.models import QueuedRecipient
from delivery.smtp.server.backend import Service
from mail.models import Account, Destination, Login
from tests.world.letters import letter
from tests.world.smtp_server import MailServer
from tests.world.world import PASSWORD, World

pytestmark = pytest.mark.only_database("sqlite")

ALICE, CAROL = "alice@example.org", "carol@remote.example"


def test_a_disabled_domain_with_a_catchall_takes_no_mail_and_still_lets_its_users_in(
    world: World, server: MailServer
) -> None:
    Destination.objects.create(account=world.alice, domain=world.b_example, is_catchall=True)
    world.b_example.disabled = True
    world.b_example.save()
    with server.connect() as client:
        client.begin(CAROL)
        client.expect("450 4.2.1", "RCPT TO:<anybody@b.example>")
    with server.submit("anybody+x@b.example") as client:
        client.begin(ALICE)
        client.expect("450 4.2.1", "RCPT TO:<anybody@b.example>")


def test_whoever_can_not_log_in_gets_mail_all_the_same(world: World, server: MailServer) -> None:
    Destination.objects.create(account=world.alice, domain=world.b_example, is_catchall=True)
    Account.objects.update(login_disabled="on holiday")
    Login.objects.update(is_active=False)
    with server.connect() as client:
        assert client.deliver(letter(), CAROL, "anybody@b.example").startswith("250")
    with server.connect(Service.SUBMISSIONS) as client:
        assert client.log_in("anybody@b.example", PASSWORD).startswith("525 5.7.13")
    assert len(world.messages(world.alice)) == 1


@pytest.mark.parametrize(
    ("configured", "reply"),
    [("550 gone fishing", "550 5.1.1 gone fishing"), ("421 later", "451 4.3.0 later")],
)
def test_users_of_this_server_are_refused_like_strangers(
    world: World, server: MailServer, configured: str, reply: str
) -> None:
    """Also where a catchall would take the mail."""
    Destination.objects.create(account=world.alice, domain=world.example_org, is_catchall=True)
    Destination.objects.create(
        account=world.bob, domain=world.example_org, localpart="trap", smtp_error=configured
    )
    with server.submit() as client:
        client.begin(ALICE, "anybody@example.org")
        assert client.ask("RCPT TO:<Trap+x@example.org>") == reply


@override_settings(MOXSITE_HOSTNAME="mail.example.org")
def test_users_of_this_server_write_to_its_postmaster(world: World, server: MailServer) -> None:
    assert world.bob
    with server.submit(world.alice.name) as client:
        answer = client.deliver(
            letter(sender=ALICE), ALICE, "Postmaster", "postmaster@mail.example.org", "POSTMASTER@example.org"
        )
    assert answer.startswith("250")
    assert len(world.messages(world.alice)) == 3
    assert set(QueuedRecipient.objects.values_list("local_account", flat=True)) == {"alice"}
