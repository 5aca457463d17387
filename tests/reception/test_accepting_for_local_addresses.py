"""Which recipients port 25 takes mail for, and where it ends up."""

import pytest

from mail.models import Alias, AliasMember, Destination
from tests.world.letters import letter
from tests.world.smtp_server import MailServer
from tests.world.world import World

CAROL = "carol@remote.example"


def alias(world: World, name: str, *members: str, post_public: bool = True) -> Alias:
    made = Alias.objects.create(
        domain=world.example_org, localpart=name, canonical_localpart=name, post_public=post_public
    )
    for member in members:
        AliasMember.objects.create(alias=made, destination=Destination.objects.get(localpart=member))
    return made


def catchall(world: World) -> None:
    Destination.objects.create(account=world.alice, domain=world.example_org, is_catchall=True)


def test_a_message_is_in_the_inbox_when_its_250_comes(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.connect() as client:
        answer = client.deliver(letter(), CAROL, "alice@example.org")
    assert answer.startswith("250 2.0.0 accepted, id ")
    (message,) = world.messages(world.alice)
    assert world.message_bytes(message).endswith(letter())
    assert (message.envelope_sender, message.recipient) == (CAROL, "alice@example.org")
    assert message.content.size == len(letter())
    assert message.content.subject == "Lunch"


@pytest.mark.parametrize("address", ["ALICE@Example.ORG", "alice+shop@example.org", '"alice"@example.org'])
def test_case_suffix_and_quotes_do_not_change_who_gets_it(
    world: World, server: MailServer, address: str
) -> None:
    world.alice  # noqa: B018
    with server.connect() as client:
        assert client.deliver(letter(), CAROL, address).startswith("250")
    assert len(world.messages(world.alice)) == 1


@pytest.mark.parametrize(
    ("recipient", "reply"),
    [
        ("alice@elsewhere.example", "550 5.1.1 mail for this domain is not accepted here"),
        ("alice@[192.0.2.1]", "550 5.1.1 mail for this domain is not accepted here"),
        ("nobody@example.org", "550 5.1.1 there is no such address here"),
        ("nobody+x@example.org", "550 5.1.1 there is no such address here"),
    ],
)
def test_an_address_that_is_not_here_is_refused(
    world: World, server: MailServer, recipient: str, reply: str
) -> None:
    world.alice  # noqa: B018
    with server.connect() as client:
        client.begin(CAROL)
        assert client.ask(f"RCPT TO:<{recipient}>") == reply


def test_a_disabled_domain_is_a_temporary_refusal(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    world.example_org.disabled = True
    world.example_org.save()
    with server.connect() as client:
        client.begin(CAROL)
        client.expect("450 4.2.1", "RCPT TO:<alice@example.org>")


@pytest.mark.parametrize(
    ("configured", "reply"),
    [("550 gone fishing", "550 5.1.1 gone fishing"), ("421 later", "451 4.3.0 later")],
)
def test_a_destination_may_refuse_with_words_of_its_own(
    world: World, server: MailServer, configured: str, reply: str
) -> None:
    Destination.objects.filter(account=world.alice).update(smtp_error=configured)
    with server.connect() as client:
        client.begin(CAROL)
        assert client.ask("RCPT TO:<alice@example.org>") == reply


def test_two_recipients_of_one_catchall_are_two_copies(world: World, server: MailServer) -> None:
    catchall(world)
    with server.connect() as client:
        assert client.deliver(letter(), CAROL, "one@example.org", "two@example.org").startswith("250")
    messages = world.messages(world.alice)
    assert [message.recipient for message in messages] == ["one@example.org", "two@example.org"]
    assert b"Delivered-To: two@example.org\r\n" in world.message_bytes(messages[1])
    assert messages[0].content_id == messages[1].content_id


def test_an_address_and_the_catchall_of_one_account_are_two_copies(world: World, server: MailServer) -> None:
    catchall(world)
    with server.connect() as client:
        assert client.deliver(letter(), CAROL, "alice@example.org", "x@example.org").startswith("250")
    assert len(world.messages(world.alice)) == 2


def test_the_same_recipient_twice_is_one_copy(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.connect() as client:
        assert client.deliver(letter(), CAROL, "alice@example.org", "alice@example.org").startswith("250")
    assert len(world.messages(world.alice)) == 1


def test_each_member_of_an_alias_gets_one_copy(world: World, server: MailServer) -> None:
    world.alice, world.bob  # noqa: B018
    alias(world, "team", "alice", "bob")
    with server.connect() as client:
        assert client.deliver(letter(), CAROL, "team@example.org").startswith("250")
    for account in (world.alice, world.bob):
        (message,) = world.messages(account)
        assert message.recipient == "team@example.org"


def test_strangers_may_not_write_to_an_alias_of_members(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    alias(world, "board", "alice", post_public=False)
    with server.connect() as client:
        client.begin("alice@example.org")  # a claim that this port can't check
        client.expect("550 5.7.1", "RCPT TO:<board@example.org>")


def test_a_destination_names_the_mailbox_which_is_made_when_missing(world: World, server: MailServer) -> None:
    Destination.objects.filter(account=world.alice).update(mailbox="Lists/Work")
    with server.connect() as client:
        assert client.deliver(letter(), CAROL, "alice@example.org").startswith("250")
    assert len(world.messages(world.alice, "Lists/Work")) == 1


def test_the_null_sender_reports_to_one_recipient_at_a_time(world: World, server: MailServer) -> None:
    world.alice, world.bob  # noqa: B018
    with server.connect() as client:
        client.begin("", "alice@example.org")
        client.expect("452 4.5.3", "RCPT TO:<bob@example.org>")
        assert client.content(letter()).startswith("250")
    (message,) = world.messages(world.alice)
    assert message.envelope_sender == ""
    assert world.message_bytes(message).startswith(b"Return-Path: <>\r\n")


def test_postmaster_without_a_domain_is_somebody(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.connect() as client:
        assert client.deliver(letter(), CAROL, "postmaster").startswith("250")
    assert len(world.messages(world.alice)) == 1


def test_a_changed_configuration_holds_for_the_next_recipient(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.connect() as client:
        client.begin(CAROL, "alice@example.org")
        client.expect("550 5.1.1", "RCPT TO:<new@example.org>")
        Destination.objects.create(
            account=world.alice, domain=world.example_org, localpart="new", canonical_localpart="new"
        )
        server.settle()
        client.expect("250", "RCPT TO:<new@example.org>")
