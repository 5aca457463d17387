"""A recipient whose mailbox is full is refused for now, and the others get the message."""

from collections.abc import Iterator

import pytest

from delivery.dsn.report import ReportedRecipient
from delivery.queue.load import load_waiting
from delivery.queue.notices import Notices
from mail.directory.recent import RecentAnswers
from mail.errors import Reply
from mail.models import Account, AccountCounters, Alias, AliasMember
from mail.store.accept import AcceptMessage
from mail.store.deliver import LocalDelivery
from mail.store.from_bytes import content_from_bytes
from tests.world.letters import letter
from tests.world.smtp_server import MailServer
from tests.world.submissions import queue_letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

ALICE, BOB, CAROL = "alice@example.org", "bob@example.org", "carol@remote.example"
FULL = "452 4.2.2 the mailbox is full, try again later"


@pytest.fixture
def bob_is_full(world: World) -> Iterator[None]:
    """For a megabyte, and then as full as he is."""
    assert world.alice
    Account.objects.filter(pk=world.bob.pk).update(quota_mb=1)
    AccountCounters.objects.filter(pk=world.bob.pk).update(bytes=1_000_000)
    yield
    AccountCounters.objects.filter(pk=world.bob.pk).update(
        bytes=sum(message.size for message in world.messages(world.bob))
    )


@pytest.mark.usefixtures("bob_is_full")
def test_only_the_full_one_is_refused_before_the_content_comes(world: World, server: MailServer) -> None:
    with server.connect() as client:
        client.begin(CAROL, ALICE)
        assert client.ask(f"RCPT TO:<{BOB}>") == FULL
        assert client.content(letter()).startswith("250")
    assert len(world.messages(world.alice)) == 1


@pytest.mark.usefixtures("bob_is_full")
def test_a_user_of_this_server_is_refused_likewise(world: World, server: MailServer) -> None:
    with server.submit() as client:
        client.begin(ALICE, CAROL)
        assert client.ask(f"RCPT TO:<{BOB}>") == FULL
        assert client.content(letter(sender=ALICE)).startswith("250")
    assert not world.messages(world.bob)


@pytest.mark.usefixtures("bob_is_full")
def test_an_alias_with_a_full_member_is_tried_later_rather_than_leaving_him_out(
    world: World, server: MailServer
) -> None:
    alias = Alias.objects.create(domain=world.example_org, localpart="team", post_public=True)
    for account in (world.alice, world.bob):
        AliasMember.objects.create(alias=alias, destination=account.destinations.get())
    with server.connect() as client:
        client.begin(CAROL)
        assert client.ask("RCPT TO:<team@example.org>") == FULL


def test_the_size_that_a_client_declares_counts(world: World, server: MailServer) -> None:
    assert world.alice
    Account.objects.filter(pk=world.bob.pk).update(quota_mb=1)
    with server.connect() as client:
        client.begin(CAROL, ALICE, parameters=" SIZE=2000000")
        assert client.ask(f"RCPT TO:<{BOB}>") == FULL
        client.expect("250", "RSET")
        assert client.deliver(letter(), CAROL, BOB, parameters=" SIZE=200").startswith("250")


def test_notices_exceed_the_quota_but_not_without_end(world: World) -> None:
    Account.objects.filter(pk=world.alice.pk).update(quota_mb=1)

    def deliver(size: int) -> BaseException | None:
        raw = letter(body=b"x" * size)
        delivery = LocalDelivery(world.alice.pk, "Inbox", b"", "", "", notice=True)
        write = AcceptMessage(content_from_bytes(raw), (delivery,))
        return world.writer.submit(write).exception()

    assert deliver(900_000) is None
    assert deliver(9_900_000) is None
    assert str(deliver(900_000)).startswith("452 4.2.2")


def test_a_dsn_is_such_a_notice(world: World) -> None:
    (recipient,) = queue_letter(world, CAROL)
    (waiting,) = load_waiting([recipient.pk])
    reported = ReportedRecipient(CAROL, Reply(550, "5.1.1", "no"), True, 0)
    write = Notices("mail.example.org").failures(waiting.message, [reported])
    assert write is not None
    assert write.deliveries[0].notice


def test_an_answer_holds_for_its_generation_and_some_seconds() -> None:
    answers: RecentAnswers[str, int] = RecentAnswers(60, 2)
    answers.put("a", 1, generation=1)
    assert answers.get("a", 1) == 1
    assert answers.get("a", 2) is None
    answers.put("b", 2, generation=1)
    answers.put("c", 3, generation=1)
    assert answers.get("a", 1) is None
    gone: RecentAnswers[str, int] = RecentAnswers(0, 2)
    gone.put("a", 1, generation=1)
    assert gone.get("a", 1) is None
