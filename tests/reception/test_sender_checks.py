"""What mail from other servers goes through: looked up, signed, judged, and told to the reader."""

import re
from collections.abc import Callable

import pytest

from mail.authentication.record import from_record
from mail.authentication.results import Result
from mail.models import Mailbox, Message, SpecialUse
from tests.authentication.signing import KEY_NAME, Signer, in_zone, rsa_record
from tests.world.letters import letter
from tests.world.smtp_server import MailServer
from tests.world.world import World

CAROL, ALICE, BOB = "carol@remote.example", "alice@example.org", "bob@example.org"
POLICY = "_dmarc.remote.example"

pytestmark = pytest.mark.only_database("sqlite")


@pytest.fixture
def strict(world: World, server: MailServer) -> Callable[..., str]:
    """remote.example rejects what it does not vouch for; a function that delivers and gives the reply."""
    world.alice, world.bob  # noqa: B018
    server.dns.add(POLICY, {"TXT": ['"v=DMARC1; p=reject"']})

    def deliver(raw: bytes, sender: str = CAROL, *recipients: str) -> str:
        with server.connect() as client:
            return client.deliver(raw, sender, *(recipients or (ALICE,)))

    return deliver


def text_of(world: World, message: Message) -> str:
    return world.message_bytes(message).decode("utf-8", "replace")


def unfolded(text: str) -> str:
    return re.sub(r"\r\n\t", " ", text)


def only_message(world: World, mailbox: str = "Inbox") -> Message:
    (message,) = world.messages(world.alice, mailbox)
    return message


def test_a_signed_message_passes_and_says_so(
    world: World, server: MailServer, strict: Callable[..., str]
) -> None:
    server.dns.add(KEY_NAME, {"TXT": in_zone(rsa_record())})
    server.dns.add("1.0.0.127.in-addr.arpa", {"PTR": ["mail.remote.example."]})
    server.dns.add("mail.remote.example", {"A": ["127.0.0.1"]})
    signed = Signer().sign(letter())
    assert strict(signed).startswith("250")
    message = only_message(world)
    text = text_of(world, message)
    told = unfolded(text)
    assert "Authentication-Results: mail.example.org; iprev=pass policy.iprev=127.0.0.1" in told
    assert "dkim=pass header.d=remote.example header.s=s1 header.a=rsa-sha256" in told
    assert "dmarc=pass (p=reject) header.from=remote.example" in told
    assert "Received-SPF: none" in told
    assert "from client.example (mail.remote.example [127.0.0.1])" in told
    assert told.index("Authentication-Results") < told.index("Received-SPF") < told.index("Received: ")
    assert text.endswith(signed.decode())
    found = from_record(message.authentication)
    assert found is not None
    assert (found.dmarc.result, found.dkim[0].result) == (Result.PASS, Result.PASS)


def test_a_large_signed_message_is_verified_while_it_arrives(
    world: World, server: MailServer, strict: Callable[..., str]
) -> None:
    server.dns.add(KEY_NAME, {"TXT": in_zone(rsa_record())})
    signed = Signer(forms=(b"simple", b"simple")).sign(letter(body=b"0123456789" * 7 + b"\r\n") * 30_000)
    assert strict(signed).startswith("250")
    assert strict(signed.replace(b"0123", b"0124")).startswith("550 5.7.1")
    assert only_message(world).size > 2_000_000


def test_spf_of_the_envelope_sender_is_enough(server: MailServer, strict: Callable[..., str]) -> None:
    server.dns.add("remote.example", {"TXT": ['"v=spf1 ip4:127.0.0.1 -all"']})
    assert strict(letter()).startswith("250")
    assert strict(letter(), "mallory@evil.example").startswith("550")


def test_what_the_policy_rejects_is_refused_with_its_reasons(
    world: World, strict: Callable[..., str]
) -> None:
    answer = strict(letter())
    assert answer.startswith("550 5.7.1 the policy of remote.example (DMARC) rejects this message")
    assert "it has no DKIM signature" in answer
    assert "SPF is not published for remote.example" in answer
    assert world.messages(world.alice) == []


def test_a_policy_of_quarantine_means_junk(
    world: World, server: MailServer, strict: Callable[..., str]
) -> None:
    server.dns.add(POLICY, {"TXT": ['"v=DMARC1; p=quarantine"']})
    assert strict(letter()).startswith("250")
    assert world.messages(world.alice) == []
    assert "dmarc=fail (p=quarantine)" in text_of(world, only_message(world, "Junk"))


def test_junk_is_the_mailbox_that_is_marked_so_and_without_one_the_mail_stays(
    world: World, server: MailServer, strict: Callable[..., str]
) -> None:
    server.dns.add(POLICY, {"TXT": ['"v=DMARC1; p=quarantine"']})
    Mailbox.objects.filter(account=world.alice, special_use=SpecialUse.JUNK).update(name="Spam")
    assert strict(letter()).startswith("250")
    assert len(world.messages(world.alice, "Spam")) == 1
    Mailbox.objects.filter(account=world.alice, special_use=SpecialUse.JUNK).update(special_use="")
    assert strict(letter()).startswith("250")
    assert len(world.messages(world.alice)) == 1


@pytest.mark.parametrize("who", ["domain", "account"])
def test_rejection_can_be_switched_off(world: World, strict: Callable[..., str], who: str) -> None:
    row = world.example_org if who == "domain" else world.alice
    row.dmarc_reject = False
    row.save()
    assert strict(letter()).startswith("250")
    assert len(world.messages(world.alice, "Junk")) == 1


def test_an_account_may_reject_where_its_domain_does_not(world: World, strict: Callable[..., str]) -> None:
    world.example_org.dmarc_reject = False
    world.example_org.save()
    world.alice.dmarc_reject = True
    world.alice.save()
    assert strict(letter()).startswith("550 5.7.1")


def test_with_several_recipients_one_that_does_not_reject_decides(
    world: World, strict: Callable[..., str]
) -> None:
    world.bob.dmarc_reject = False
    world.bob.save()
    assert strict(letter(), CAROL, ALICE, BOB).startswith("250")
    assert [len(world.messages(account, "Junk")) for account in (world.alice, world.bob)] == [1, 1]


def test_when_an_answer_is_missing_that_could_save_it_the_sender_tries_again(
    world: World, server: MailServer, strict: Callable[..., str]
) -> None:
    server.dns.fail("remote.example", "servfail")
    assert strict(letter()).startswith("451 4.7.1")
    server.dns.add(POLICY, {"TXT": ['"v=DMARC1; p=none"']})
    world.clock.advance(10 * world.clock.MINUTE)
    assert strict(letter()).startswith("250")
    assert world.messages(world.alice) != []


def test_without_an_answer_about_the_policy_mail_arrives(
    world: World, server: MailServer, strict: Callable[..., str]
) -> None:
    server.dns.fail(POLICY, "servfail")
    assert strict(letter()).startswith("250")
    assert "dmarc=temperror" in text_of(world, only_message(world))


@pytest.mark.parametrize(
    "header",
    ["Subject: x\r\n", "From: a@b.example\r\nFrom: a@b.example\r\n", "From: a@b.example, c@d.example\r\n"],
)
def test_a_message_that_does_not_say_from_which_domain_it_is_is_refused(
    strict: Callable[..., str], header: str
) -> None:
    assert strict(header.encode() + b"\r\ntext\r\n").startswith("550 5.7.1 the ")


def test_what_others_say_in_our_name_is_removed_and_the_rest_stays(
    world: World, server: MailServer, strict: Callable[..., str]
) -> None:
    server.dns.remove(POLICY)
    forged = (
        b"Authentication-Results: mail.example.org; dmarc=pass header.from=remote.example\r\n"
        b"AUTHENTICATION-RESULTS : (a (nested) comment) MAIL.example.org. 1; spf=pass\r\n"
        b'Authentication-Results:\r\n\t"mail.example.org" 1;\r\n\tspf=pass\r\n'
        b"Authentication-Results: mail.example.org/1; spf=pass\r\n"
    )
    honest = b"Authentication-Results: mx.remote.example; spf=pass\r\n"
    assert strict(forged + honest + letter()).startswith("250")
    text = text_of(world, only_message(world))
    _, _, content = text.partition("+0000\r\n")
    assert content == (honest + letter()).decode()


def test_the_same_client_and_sender_are_looked_up_once(
    server: MailServer, strict: Callable[..., str]
) -> None:
    server.dns.add("remote.example", {"TXT": ['"v=spf1 ip4:127.0.0.1 -all"']})
    with server.connect() as client:
        for _ in range(3):
            assert client.deliver(letter(), CAROL, ALICE).startswith("250")
    assert len(server.dns.queries) == len(set(server.dns.queries))


def test_nobody_is_asked_about_clients_that_name_no_recipient(
    server: MailServer, strict: Callable[..., str]
) -> None:
    with server.connect() as client:
        client.expect("550", f"MAIL FROM:<{CAROL}>", "RCPT TO:<nobody@example.org>")
    assert server.dns.queries == []


def test_who_has_logged_in_is_not_checked(
    world: World, server: MailServer, strict: Callable[..., str]
) -> None:
    with server.submit() as client:
        raw = letter(sender=ALICE)
        assert client.deliver(raw, ALICE, BOB).startswith("250")
    assert server.dns.queries == []
    (message,) = world.messages(world.bob)
    assert message.authentication is None
    assert "Authentication-Results" not in text_of(world, message)
