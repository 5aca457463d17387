"""What users submit leaves signed, exactly as it was signed, and so do copies for mailboxes here."""

from pathlib import Path

import pytest

from mail.configuration.dkim import activate, make_keys, retire
from mail.dkim.keys import ALGORITHMS, ED25519, RSA
from mail.models import Destination, DkimKey, Domain
from tests.dkim.verifiers import VERIFIERS, by_dkimpy, by_opendkim, signatures_of
from tests.reception.test_submitting import queued_content
from tests.world.delivering import deliverer
from tests.world.dns import FakeDns
from tests.world.letters import letter
from tests.world.postfix import Postfix, require_postfix
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.smtp_server import MailServer
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

ALICE, CAROL = "alice@example.org", "carol@remote.example"
LOOPBACK = {"remote.example": {"MX": ["10 mx.remote.example."]}, "mx.remote.example": {"A": ["127.0.0.1"]}}


def records(*keys: DkimKey) -> dict[str, str]:
    return {key.dns_name: key.dns_record for key in keys}


def submit(server: MailServer, raw: bytes, *recipients: str, sender: str = ALICE) -> None:
    with server.submit() as client:
        assert client.deliver(raw, sender, *recipients or (CAROL,), parameters=" BODY=8BITMIME").startswith(
            "250"
        )


def delivered(world: World) -> bytes:
    """The one queued message as the MX of its recipient gets it, dots undone."""
    with (
        FakeDns(LOOPBACK) as dns,
        SmtpPeer(Ordinary()) as peer,
        deliverer(world, dns, smtp_port=peer.port) as worker,
    ):
        assert worker.deliver_due() == 1
    (raw,) = peer.messages
    return raw.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")


AWKWARD = (
    b"a line of \xc3\xa4 and \xff\r\n"
    b".leading dot\r\n..two\r\n"
    b"bare\nline\n.feeds\n\n"
    b"trailing \t \r\n\ttab  between   words\r\n"
    b"\r\n \r\n\r\n"
)


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_what_arrives_elsewhere_verifies(
    world: World, server: MailServer, verifier: str, tmp_path: Path
) -> None:
    key, *_ = make_keys(world.example_org, [RSA])
    assert world.alice
    submit(server, letter(sender=ALICE, body=AWKWARD))
    queued = queued_content(world)
    raw = delivered(world)
    assert raw.startswith(b"DKIM-Signature: v=1; a=rsa-sha256;")
    assert b"bare\r\nline\r\n.feeds\r\n" in raw
    assert raw == queued
    assert VERIFIERS[verifier](raw, records(key), tmp_path) == [True]


@pytest.mark.external
def test_what_postfix_stored_verifies(world: World, server: MailServer, tmp_path: Path) -> None:
    require_postfix()
    keys = make_keys(world.example_org, ALGORITHMS)
    assert world.alice
    submit(server, letter(sender=ALICE, body=AWKWARD))
    queued = queued_content(world)
    with (
        FakeDns(LOOPBACK) as dns,
        Postfix() as postfix,
        deliverer(world, dns, smtp_port=postfix.smtp_port) as worker,
    ):
        assert worker.deliver_due() == 1
        (stored,) = postfix.messages(1)
    raw = stored.replace(b"\n", b"\r\n")
    assert raw.endswith(queued)
    assert by_opendkim(raw, records(*keys), tmp_path) == [True, True]


def test_two_keys_give_two_signatures_that_hold_here_too(
    world: World, server: MailServer, tmp_path: Path
) -> None:
    keys = make_keys(world.example_org, ALGORITHMS)
    assert world.alice.pk < world.bob.pk
    submit(server, letter(sender=ALICE), "bob@example.org")
    (copy,) = world.messages(world.bob)
    assert by_opendkim(world.message_bytes(copy), records(*keys), tmp_path) == [True, True]


def test_a_large_body_is_hashed_while_it_arrives(world: World, server: MailServer, tmp_path: Path) -> None:
    (key,) = make_keys(world.example_org, [RSA])
    assert world.alice
    submit(server, letter(sender=ALICE, body=AWKWARD * 12_000))
    assert by_opendkim(delivered(world), records(key), tmp_path) == [True]


def test_date_and_message_id_that_we_add_are_signed(world: World, server: MailServer, tmp_path: Path) -> None:
    (key,) = make_keys(world.example_org, [RSA])
    assert world.alice
    submit(server, b"Bcc: dave@remote.example\r\n" + letter(sender=ALICE))
    raw = queued_content(world)
    assert by_dkimpy(raw, records(key), tmp_path) == [True]
    for added in (b"\r\nDate: ", b"\r\nMessage-ID: "):
        assert raw.count(added) == 1
        assert by_dkimpy(raw.replace(added, added + b"x"), records(key), tmp_path) == [False]


def test_only_keys_in_use_sign_and_changes_count_at_once(world: World, server: MailServer) -> None:
    (key,) = make_keys(world.example_org, [ED25519], state=DkimKey.State.PREPARED)
    assert world.alice
    counts = []
    for change in (None, activate, retire, activate):
        if change is not None:
            change(key)
        submit(server, letter(sender=ALICE), ALICE)
        counts.append(len(signatures_of(world.message_bytes(world.messages(world.alice)[-1]))))
    assert counts == [0, 1, 0, 1]


def test_the_domain_of_the_author_signs_or_one_of_the_same_organization(
    world: World, server: MailServer
) -> None:
    news = Domain.objects.create(name="news.example.org")
    for domain in (news, world.b_example):
        Destination.objects.create(account=world.alice, domain=domain, localpart="alice")
    make_keys(world.example_org, [ED25519])
    signers = []
    for author in (ALICE, "alice@news.example.org", "alice@b.example"):
        submit(server, letter(sender=author), ALICE)
        found = signatures_of(world.message_bytes(world.messages(world.alice)[-1]))
        signers.append([b" d=example.org;" in field.replace(b"\t", b" ") for field in found])
    assert signers == [[True], [True], []]
    make_keys(news, [ED25519])
    submit(server, letter(sender="alice@news.example.org"), ALICE)
    (field,) = signatures_of(world.message_bytes(world.messages(world.alice)[-1]))
    assert b"d=news.example.org;" in field


def test_a_key_that_can_not_be_opened_stops_no_mail(
    world: World, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    broken, good = make_keys(world.example_org, [ED25519, ED25519])
    DkimKey.objects.filter(pk=broken.pk).update(private_key_sealed=good.private_key_sealed)
    assert world.alice
    submit(server, letter(sender=ALICE), ALICE)
    (field,) = signatures_of(world.message_bytes(world.messages(world.alice)[-1]))
    assert f"s={good.selector};".encode() in field
    assert "a DKIM key can't be used" in caplog.text
