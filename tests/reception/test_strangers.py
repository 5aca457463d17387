"""How often strangers may come, and what trying addresses costs them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.reception import strangers
from delivery.smtp.server.backend import Service
from mail import clock
from mail.guard.guard import guard
from mail.limiter.clients import client_of
from mail.limiter.rates import CONNECTIONS, MESSAGES, UNKNOWN_RECIPIENTS
from tests.reception.proxied import connect, opening, proxied_server
from tests.world.letters import letter
from tests.world.smtp_dialogue import ConnectionEnded, Dialogue
from tests.world.smtp_server import MailServer
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

MALLORY, CAROL = "192.0.2.66", "198.51.100.7"
SENDER = "MAIL FROM:<carol@remote.example>"


@pytest.fixture
def server(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    monkeypatch.setattr(strangers, "after_unknown_recipients", lambda count: 0.0)
    world.alice  # noqa: B018
    with proxied_server(world, tmp_path) as made:
        yield made


def use_up(rate: object, ip: str) -> None:
    assert isinstance(rate, type(MESSAGES))
    counts = guard().counts if rate is UNKNOWN_RECIPIENTS else guard().own
    while rate.take(counts, client_of(ip), clock.now()):
        pass


def test_who_connects_too_often_is_sent_away_for_a_minute(server: MailServer) -> None:
    use_up(CONNECTIONS, MALLORY)
    text = "421 too many connections in a short time, come back in a minute"
    client = Dialogue(server.ports[Service.SMTP], opening=opening(MALLORY))
    assert client.greeting == text
    with pytest.raises(ConnectionEnded):
        client.reply()
    client.close()
    connect(server, CAROL).close()
    server.connect(Service.SUBMISSIONS, opening=opening(MALLORY)).close()
    clock.advance(2 * clock.MINUTE)
    connect(server, MALLORY).close()


def test_who_sends_too_much_may_go_on_after_a_minute(world: World, server: MailServer) -> None:
    with connect(server, MALLORY) as client:
        use_up(MESSAGES, MALLORY)
        client.expect("451 4.7.0 too many messages", SENDER)
        clock.advance(2 * clock.MINUTE)
        assert client.deliver(letter(), "carol@remote.example", "alice@example.org").startswith("250")


def test_peers_on_this_machine_are_not_limited(world: World, server: MailServer) -> None:
    with connect(server, "127.0.0.1") as client:
        for rate in (CONNECTIONS, MESSAGES, UNKNOWN_RECIPIENTS):
            for _ in range(2000):
                assert rate.take(guard().counts, client_of("127.0.0.1"), clock.now())
        client.expect("250", SENDER)
        client.expect("550 5.1.1", "RCPT TO:<nobody@example.org>")
        client.expect("250", "RCPT TO:<alice@example.org>")


def test_an_address_collector_learns_ever_more_slowly(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []
    slept: list[float] = []
    sleep = asyncio.sleep

    def delay(count: int) -> float:
        counts.append(count)
        return 7.5

    async def noting(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    monkeypatch.setattr(strangers, "after_unknown_recipients", delay)
    monkeypatch.setattr("delivery.reception.strangers.asyncio.sleep", noting)
    with connect(server, MALLORY) as client:
        client.expect("250", SENDER)
        for name in ("a", "b", "c"):
            client.expect("550 5.1.1", f"RCPT TO:<{name}@example.org>")
        client.expect("250", "RCPT TO:<alice@example.org>")
        client.expect("550 5.1.1", "RCPT TO:<alice@remote.example>")
    assert counts == [1, 2, 3, 4]
    assert slept.count(7.5) == 4


def test_beyond_the_limit_a_client_learns_of_no_address_any_more(world: World, server: MailServer) -> None:
    named = 0
    while named < UNKNOWN_RECIPIENTS.client[0].limit:
        with connect(server, MALLORY) as client:
            client.expect("250", SENDER)
            for _ in range(10):
                client.expect("550 5.1.1", f"RCPT TO:<name{named}@example.org>")
                named += 1
    for name in ("nobody", "alice"):
        with connect(server, MALLORY) as client:
            client.expect("250", SENDER)
            client.expect("421 4.7.0 too many recipients that do not exist", f"RCPT TO:<{name}@example.org>")
            with pytest.raises(ConnectionEnded):
                client.reply()
    with connect(server, CAROL) as client:
        client.expect("250", SENDER, "RCPT TO:<alice@example.org>")
    clock.advance(3 * clock.HOUR)
    with connect(server, MALLORY) as client:
        client.expect("250", SENDER, "RCPT TO:<alice@example.org>")


def test_the_address_behind_the_proxy_stands_in_the_message(world: World, server: MailServer) -> None:
    with connect(server, CAROL) as client:
        assert client.deliver(letter(), "carol@remote.example", "alice@example.org").startswith("250")
    (message,) = world.messages(world.alice)
    assert f"[{CAROL}]".encode() in bytes(message.prefix)
    assert b"127.0.0.1" not in bytes(message.prefix)
