"""Guessing at passwords over SMTP and on the web page: one limiter, and what it writes down."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from delivery.smtp.server.backend import Service
from mail import clock
from mail.guard.guard import guard
from mail.identity.passwords import add_app_password
from mail.limiter import logins
from mail.limiter.logins import ACCOUNT_WINDOWS, FAILURES
from mail.models import LoginAttempt
from moxsite.pages import login as login_page
from tests.reception.proxied import connect, log_in, proxied_server
from tests.world.smtp_server import MailServer
from tests.world.world import PASSWORD, World

pytestmark = pytest.mark.only_database("sqlite")

MALLORY, ALICE, HOTEL = "192.0.2.66", "198.51.100.7", "203.0.113.5"
WAIT = "454 4.7.0 too many log-ins have failed, try again in "


@pytest.fixture
def server(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    monkeypatch.setattr(logins, "after_failures", lambda failures: 0.0)
    world.alice  # noqa: B018
    world.bob  # noqa: B018
    with proxied_server(world, tmp_path) as made:
        yield made


def guess(server: MailServer, times: int, ip: str = MALLORY, username: str = "alice") -> None:
    for _ in range(times):
        assert log_in(server, ip, username, "wrong password").startswith("535")


def attack_account(times: int, username: str = "alice") -> None:
    """Failures of many networks, counted as the server counts them."""
    from mail.guard.attempts import Protocol
    from mail.guard.trying import Trying

    for number in range(times):
        trying = Trying(guard(), f"100.64.{number}.1", Protocol.SMTP, "PLAIN", username)
        trying.check()
        trying.failed()


def web_log_in(ip: str, username: str, password: str) -> tuple[int, str]:
    response = Client(REMOTE_ADDR=ip).post("/login/", {"username": username, "password": password})
    return response.status_code, response.content.decode()


def attempts(**which: object) -> list[tuple[str, str, str, int]]:
    guard().sharing.round()
    found = LoginAttempt.objects.filter(**which).order_by("id")
    return [(each.ip, each.mechanism, each.result, each.count) for each in found]


def test_who_fails_too_often_has_to_wait_on_both_ways_and_may_then_go_on(
    world: World, server: MailServer
) -> None:
    guess(server, FAILURES.client[0].limit)
    assert log_in(server, MALLORY, "bob", PASSWORD).startswith(WAIT)
    status, text = web_log_in(MALLORY, "bob", PASSWORD)
    assert status == 429
    assert "Try again in " in text
    assert log_in(server, ALICE, "alice", PASSWORD).startswith("235")
    clock.advance(20 * clock.MINUTE)
    assert log_in(server, MALLORY, "bob", PASSWORD).startswith("235")
    assert (MALLORY, "PLAIN", "wrong", FAILURES.client[0].limit) in attempts(login__name="alice")
    assert (MALLORY, "PLAIN", "throttled", 1) in attempts(login_name="bob")


def test_failures_on_the_web_page_count_for_smtp(
    world: World, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(login_page, "pause", pauses.append)
    for _ in range(FAILURES.client[0].limit):
        assert web_log_in(MALLORY, "alice@example.org", "wrong password")[0] == 200
    assert len(pauses) == FAILURES.client[0].limit
    assert log_in(server, MALLORY, "alice", PASSWORD).startswith(WAIT)
    assert attempts(protocol="web") == [(MALLORY, "password", "wrong", FAILURES.client[0].limit)]


def test_a_success_makes_up_for_slips(world: World, server: MailServer) -> None:
    for _ in range(3):
        guess(server, FAILURES.client[0].limit - 1, ALICE)
        assert log_in(server, ALICE, "alice", PASSWORD).startswith("235")


def test_an_attack_on_an_account_does_not_keep_out_who_was_there_before(
    world: World, server: MailServer
) -> None:
    phone = add_app_password(world.alice.login, "phone")
    assert log_in(server, ALICE, "alice", phone).startswith("235")
    attack_account(ACCOUNT_WINDOWS[0].limit, "alice+x@example.org")
    assert log_in(server, HOTEL, "alice", PASSWORD).startswith(WAIT)
    assert web_log_in(HOTEL, "alice", PASSWORD)[0] == 429
    assert log_in(server, HOTEL, "bob", PASSWORD).startswith("235")
    assert log_in(server, ALICE, "alice", PASSWORD).startswith("235")
    guard().sharing.round()  # written down, it is known just as well
    assert web_log_in(ALICE, "alice", PASSWORD)[0] == 302
    guess(server, FAILURES.client[0].limit - 1, ALICE)
    assert log_in(server, ALICE, "alice", PASSWORD).startswith("235")
    clock.advance(2 * clock.HOUR)
    assert log_in(server, HOTEL, "alice", PASSWORD).startswith("235")


def test_a_name_that_nobody_has_is_held_back_like_one_that_somebody_has(
    world: World, server: MailServer
) -> None:
    attack_account(ACCOUNT_WINDOWS[0].limit, "nobody@example.org")
    assert log_in(server, HOTEL, "Nobody@example.org", PASSWORD).startswith(WAIT)
    assert attempts(result="throttled") == [(HOTEL, "PLAIN", "throttled", 1)]


def test_one_ipv6_network_of_a_household_is_one_client(world: World, server: MailServer) -> None:
    for number in range(FAILURES.client[0].limit):
        guess(server, 1, f"2001:db8:1:2::{number + 1:x}")
    assert log_in(server, "2001:db8:1:2:ffff::1", "bob", PASSWORD).startswith(WAIT)
    assert log_in(server, "2001:db8:1:3::1", "bob", PASSWORD).startswith("235")


def test_only_tries_at_a_password_count(world: World, server: MailServer) -> None:
    world.alice.cram_md5 = True
    world.alice.save()
    world.bob.login_disabled = "on leave"
    world.bob.save()
    for _ in range(FAILURES.client[0].limit):
        with connect(server, MALLORY, Service.SUBMISSIONS) as client:
            client.expect("334", "AUTH CRAM-MD5")
            client.expect("535", base64.b64encode(b"bob " + b"0" * 32).decode())
            client.expect("334", "AUTH LOGIN")
            client.expect("501 5.7.0", "*")
            client.expect("334", "AUTH SCRAM-SHA-256")
            client.expect("501", "bm9uc2Vuc2U=")
        assert log_in(server, MALLORY, "bob", PASSWORD).startswith("525")
    assert log_in(server, MALLORY, "alice", PASSWORD).startswith("235")
    results = {result: count for _, _, result, count in attempts()}
    assert results == {"not enabled": 10, "disabled": 10, "ok": 1}


def test_no_salt_is_told_to_who_is_held_back(world: World, server: MailServer) -> None:
    guess(server, FAILURES.client[0].limit)
    with connect(server, MALLORY, Service.SUBMISSIONS) as client:
        client.expect("334", "AUTH SCRAM-SHA-256")
        client.expect(WAIT, base64.b64encode(b"n,,n=alice,r=abcdefgh").decode())


def test_many_connections_at_once_try_hardly_more_than_the_limit(world: World, server: MailServer) -> None:
    clients = [connect(server, MALLORY, Service.SUBMISSIONS) for _ in range(40)]
    claim = base64.b64encode(b"\0alice\0wrong password").decode()
    for client in clients:
        client.send(f"AUTH PLAIN {claim}\r\n")
    answers = [client.reply()[:3] for client in clients]
    for client in clients:
        client.close()
    assert FAILURES.client[0].limit <= answers.count("535") <= FAILURES.client[0].limit + 2
    assert answers.count("454") == 40 - answers.count("535")


def test_what_was_counted_outlives_the_process(world: World, server: MailServer) -> None:
    from mail.guard.guard import stop_guard

    guess(server, FAILURES.client[0].limit)
    stop_guard()
    assert web_log_in(MALLORY, "alice", PASSWORD)[0] == 429


def test_the_answer_to_a_wrong_password_is_kept_back(
    world: World, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[int] = []
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noting(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    def delay(count: int) -> float:
        failures.append(count)
        return 7.5

    monkeypatch.setattr(logins, "after_failures", delay)
    monkeypatch.setattr("delivery.reception.login.asyncio.sleep", noting)
    guess(server, 3)
    assert failures == [1, 2, 3]
    assert slept.count(7.5) == 3
