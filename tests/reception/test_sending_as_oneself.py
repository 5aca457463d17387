"""Users send with their own addresses only, in the envelope and in what recipients see."""

import pytest

from delivery.models import QueuedMessage
from mail.models import Alias, AliasMember, Chunk, Destination
from tests.world.smtp_server import MailServer
from tests.world.world import World

ALICE = "alice@example.org"


def with_from(*values: str) -> bytes:
    fields = "".join(f"From: {value}\r\n" for value in values)
    return f"{fields}To: carol@remote.example\r\nSubject: hi\r\n\r\nhello\r\n".encode()


@pytest.mark.parametrize(
    "address", [ALICE, "Alice+shop@Example.org", "anything@b.example", "team@example.org"]
)
def test_addresses_suffixes_catchalls_and_allowed_aliases_are_ones_own(
    world: World, server: MailServer, address: str
) -> None:
    Destination.objects.create(account=world.alice, domain=world.b_example, is_catchall=True)
    alias = Alias.objects.create(
        domain=world.example_org, localpart="team", canonical_localpart="team", allow_from=True
    )
    AliasMember.objects.create(alias=alias, destination=Destination.objects.get(localpart="alice"))
    with server.submit() as client:
        assert client.deliver(with_from(address), address, "carol@remote.example").startswith("250")


@pytest.mark.parametrize("address", ["bob@example.org", "nobody@example.org", "carol@remote.example"])
def test_a_foreign_envelope_sender_is_refused(world: World, server: MailServer, address: str) -> None:
    world.alice, world.bob  # noqa: B018
    with server.submit() as client:
        client.expect("550 5.7.1", f"MAIL FROM:<{address}>")


def test_receipts_are_sent_with_the_null_sender_by_whom_their_author_belongs_to(
    world: World, server: MailServer
) -> None:
    world.alice, world.bob  # noqa: B018
    with server.submit() as client:
        assert client.deliver(with_from(ALICE), "", "carol@remote.example").startswith("250")
        refused = client.deliver(with_from("bob@example.org"), "", "carol@remote.example")
        assert refused.startswith("550 5.7.1")
    message = QueuedMessage.objects.get()
    assert (message.account, message.sender_localpart, message.sender_domain) == (world.alice, "", "")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([], "550 5.6.0"),
        ([ALICE, ALICE], "550 5.6.0"),
        ([f"{ALICE}, bob@example.org"], "550 5.6.0"),
        (["Alice"], "550 5.6.0"),
        ([f"{ALICE} <bob@example.org>"], "550 5.6.0"),
        (["bob@example.org"], "550 5.7.1"),
        ([f'"{ALICE}" <carol@remote.example>'], "550 5.7.1"),
    ],
)
def test_the_from_field_has_one_address_and_it_is_ones_own(
    world: World, server: MailServer, fields: list[str], code: str
) -> None:
    world.alice, world.bob  # noqa: B018
    with server.submit() as client:
        assert client.deliver(with_from(*fields), ALICE, "carol@remote.example").startswith(code)
        assert client.deliver(with_from(ALICE), ALICE, "carol@remote.example").startswith("250")
    assert QueuedMessage.objects.count() == 1


def test_a_disabled_domain_sends_nothing_for_now(world: World, server: MailServer) -> None:
    Destination.objects.create(
        account=world.alice, domain=world.b_example, localpart="alice", canonical_localpart="alice"
    )
    world.b_example.disabled = True
    world.b_example.save()
    with server.submit() as client:
        client.expect("451 4.3.0", "MAIL FROM:<alice@b.example>")
        answer = client.deliver(with_from("alice@b.example"), ALICE, "carol@remote.example")
        assert answer.startswith("451 4.3.0")


def test_a_large_message_with_a_foreign_author_is_refused_before_all_of_it_is_stored(
    world: World, server: MailServer
) -> None:
    world.alice  # noqa: B018
    raw = with_from("bob@example.org") + b"0123456789abcde\r\n" * 300_000
    with server.submit() as client:
        assert client.deliver(raw, ALICE, "carol@remote.example").startswith("550 5.7.1")
    assert Chunk.objects.count() < 10, "about 20 chunks is all of it"


def test_the_domain_of_the_author_is_compared_as_a_label(world: World, server: MailServer) -> None:
    letter_from = with_from("Alice <alice@EXAMPLE.org>")
    world.alice  # noqa: B018
    with server.submit() as client:
        assert client.deliver(letter_from, ALICE, "carol@remote.example").startswith("250")
