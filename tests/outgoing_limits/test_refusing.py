"""What a client is told whose message would exceed a limit, over SMTP."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from delivery.metrics import SUBMISSIONS
from delivery.models import KnownRecipient, QueuedMessage, RecentRecipient
from delivery.outgoing_limits.refusal import OutgoingLimitReached
from mail import clock
from mail.store.write import Write
from mail.store.writer import Writer
from tests.outgoing_limits.sending import allow, send
from tests.world.letters import letter
from tests.world.smtp_server import MailServer
from tests.world.submissions import submission
from tests.world.world import World

ALICE, BOB, CAROL = "alice@example.org", "bob@example.org", "carol@remote.example"
RAW = letter(sender=ALICE)


def counted() -> float:
    found = dict(SUBMISSIONS.samples()).get(("recipientlimiterror",), 0.0)
    assert isinstance(found, int | float)
    return found


def hour_and_minute(moment: clock.Moment) -> str:
    return f"{clock.as_datetime(moment):%H:%M}"


@pytest.mark.only_database("sqlite")
def test_the_refusal_names_limit_setting_numbers_and_time(world: World, server: MailServer) -> None:
    allow(world.alice, messages=2)
    with server.submit() as client:
        before = clock.now()
        assert client.deliver(RAW, ALICE, CAROL).startswith("250")
        clock.advance(20 * clock.HOUR)
        assert client.deliver(RAW, ALICE, CAROL).startswith("250")
        answer = client.deliver(RAW, ALICE, CAROL)
    frees = before + clock.DAY + clock.MINUTE
    assert re.fullmatch(
        r"451 4\.7\.1 account alice has used 2 of 2 outgoing messages in 24 hours, this message needs 1; "
        rf"possible again after ({hour_and_minute(frees)}|{hour_and_minute(frees + clock.MINUTE)}) UTC, in "
        r"4 h; an administrator can raise max_outgoing_messages_per_day",
        answer,
    )
    assert QueuedMessage.objects.count() == RecentRecipient.objects.count() == 2


@pytest.mark.only_database("sqlite")
def test_a_message_for_several_waits_until_so_many_are_free(world: World) -> None:
    allow(world.alice, recipients=3)
    for number in range(3):
        assert send(world, world.alice, f"r{number}@remote.example") is None
        clock.advance(clock.HOUR)
    refusal = send(world, world.alice, "a@remote.example", "r0@remote.example", "b@remote.example")
    assert refusal is not None
    assert "has used 3 of 3 first-time recipients in 24 hours, this message needs 2; " in str(refusal)
    assert "UTC, in 22 h; an administrator can raise max_first_time_recipients_per_day" in str(refusal)


@pytest.mark.only_database("sqlite")
@pytest.mark.parametrize(
    ("allowed", "words"),
    [(0, "and none is allowed"), (1, "which is more than the limit: send it in parts")],
)
def test_what_is_never_possible_has_no_time(world: World, allowed: int, words: str) -> None:
    allow(world.alice, messages=allowed)
    refusal = send(world, world.alice, CAROL, "dave@remote.example")
    assert refusal is not None
    assert words in str(refusal)
    assert "UTC" not in str(refusal)


@pytest.mark.only_database("sqlite")
def test_local_recipients_count_and_refused_messages_do_not(world: World, server: MailServer) -> None:
    allow(world.alice, recipients=2)
    assert world.bob
    before = counted()
    with server.submit() as client:
        client.begin(ALICE, BOB)
        client.expect("550", "RCPT TO:<nobody@example.org>")
        assert client.content(RAW).startswith("250")
        answer = client.deliver(RAW, ALICE, CAROL, "dave@remote.example", CAROL)
        assert answer.startswith("451 4.7.1")
        assert client.deliver(RAW, ALICE, BOB, CAROL).startswith("250")
    known = KnownRecipient.objects.values_list("localpart", "domain")
    assert sorted(known) == [("bob", "example.org"), ("carol", "remote.example")]
    assert counted() == before + 1


def test_parallel_sessions_never_get_more_together_than_is_allowed(world: World, server: MailServer) -> None:
    allow(world.alice, messages=15)
    assert world.bob

    def submit_until_refused(_: int) -> int:
        sent = 0
        with server.submit() as client:
            while (answer := client.deliver(RAW, ALICE, CAROL, BOB)).startswith("250"):
                sent += 1
        assert answer.startswith("451 4.7.1 account alice has used 14 of 15 outgoing messages")
        return sent

    with ThreadPoolExecutor(5) as threads:
        assert sum(threads.map(submit_until_refused, range(5))) == 7
    assert RecentRecipient.objects.count() == 14


def test_writers_of_several_processes_follow_each_other(world: World) -> None:
    allow(world.alice, messages=25, recipients=10)
    writers = [Writer(), Writer(), Writer()]
    try:
        addresses = [f"r{number % 20}@remote.example" for number in range(60)]
        writes: list[Write] = [submission(world.alice, [address]) for address in addresses]
        futures = [writers[number % 3].submit(write) for number, write in enumerate(writes)]
        refused = [isinstance(future.exception(), OutgoingLimitReached) for future in futures]
    finally:
        for writer in writers:
            writer.stop()
    assert refused.count(False) == RecentRecipient.objects.count() <= 25
    assert KnownRecipient.objects.count() == 10
