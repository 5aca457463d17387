"""What owners and admins see of log-ins."""

import pytest
from django.test import Client, RequestFactory, override_settings

from mail import clock
from mail.guard.attempts import Attempt, Protocol, Result
from mail.guard.guard import guard
from mail.guard.held_back import HeldBack
from mail.models import Login
from moxsite.env import Environment
from moxsite.pages.client_address import client_address
from tests.pages.visiting import page, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

URL = "/account/log-ins/"


def happened(login: Login | None, name: str, result: Result, password: str = "", times: int = 1) -> None:
    number = login.pk if login is not None else None
    for _ in range(times):
        guard().record(Attempt(name, number, "192.0.2.66", Protocol.SMTP, "SCRAM-SHA-256", result, password))
    guard().sharing.round()


def test_the_owner_sees_when_from_where_how_and_with_which_password(world: World) -> None:
    happened(world.alice.login, "alice@example.org", Result.OK, "phone")
    happened(world.alice.login, "alice", Result.WRONG, times=7)
    happened(world.bob.login, "bob", Result.OK)
    happened(None, "nobody", Result.UNKNOWN)
    text = page(visit_as(world.alice.login), URL)
    for expected in ("192.0.2.66", "Mail program, SCRAM-SHA-256", "app password “phone”", "7 times since"):
        assert expected in text
    assert "bob" not in text
    assert "nobody" not in text
    assert "7 wrong passwords in the last 24 hours" in page(visit_as(world.alice.login), "/account/")
    clock.advance(2 * clock.DAY)
    assert "wrong password" not in page(visit_as(world.alice.login), "/account/")


def test_a_log_in_on_the_page_itself_is_there(world: World) -> None:
    assert world.alice
    client = Client(REMOTE_ADDR="198.51.100.7")
    client.post("/login/", {"username": "ALICE@example.org", "password": world.password})
    guard().sharing.round()
    text = page(client, URL)
    for expected in ("198.51.100.7", "Web page", "main password", "ALICE@example.org", "logged in"):
        assert expected in text


def test_the_list_goes_on_on_further_pages(world: World) -> None:
    for number in range(60):
        clock.advance(clock.SECOND)
        happened(world.alice.login, f"alice+{number}@example.org", Result.OK)
    client = visit_as(world.alice.login)
    first = page(client, URL)
    assert "alice+59@" in first
    assert "alice+9@" not in first
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = page(client, URL + older)
    assert "alice+9@" in second
    assert "alice+10@" not in second
    newer = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "alice+59@" in page(client, URL + newer)


def test_names_are_text_and_nothing_else(world: World) -> None:
    happened(world.alice.login, "<script>alert(1)</script>@example.org", Result.WRONG)
    assert "<script>alert" not in page(visit_as(world.alice.login), URL)


def test_admins_see_all_and_can_search_and_filter(world: World) -> None:
    happened(world.alice.login, "alice@example.org", Result.OK, "phone")
    happened(None, "nobody", Result.UNKNOWN)
    client = visit_as(world.admin)
    url = "/admin/mail/loginattempt/"
    assert "alice@example.org" in page(client, url)
    assert "nobody" in page(client, url)
    assert "nobody" not in page(client, url + "?q=alice")
    assert "alice@example.org" not in page(client, url + "?result__exact=unknown")
    assert client.get(url + "add/").status_code == 403
    assert visit_as(world.alice.login).get(url, follow=True).status_code == 403


def test_how_long_to_wait_is_said_on_the_page_and_in_its_head(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens = clock.now() + 7 * clock.MINUTE

    def held(*_: object) -> None:
        raise HeldBack(opens)

    monkeypatch.setattr("mail.guard.trying.Trying.check", held)
    response = Client().post("/login/", {"username": "alice", "password": "whatever"})
    assert response.status_code == 429
    assert "Try again in 7 minutes." in response.content.decode()
    assert 410 < int(response.headers["Retry-After"]) <= 420


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 second"), (40, "40 seconds"), (61, "2 minutes"), (3600, "60 minutes"), (5000, "2 hours")],
)
def test_the_time_to_wait_in_words(seconds: int, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: 0)
    assert HeldBack(seconds * clock.SECOND).wait_text == text


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "192.0.2.1", "198.51.100.7"),
        ("10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.1, nonsense", "10.0.0.1"),
        ("", "192.0.2.1", "192.0.2.1"),
        ("", "", ""),
    ],
)
def test_only_trusted_proxies_say_where_a_browser_is(peer: str, forwarded: str, address: str) -> None:
    trusted = Environment({"P": "10.0.0.0/8"}).networks("P", meaning="")
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)
    with override_settings(MOXSITE_TRUSTED_PROXIES=trusted):
        assert client_address(request) == address
