import pytest
from django.test import Client

from mail.identity.passwords import add_app_password
from tests.pages.visiting import page, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def log_in(name: str, password: str, path: str = "/login/") -> tuple[int, str, str]:
    response = Client().post(path, {"username": name, "password": password})
    return response.status_code, response.headers.get("Location", ""), response.content.decode()


def test_the_login_page_says_where_one_is(world: World) -> None:
    text = Client().get("/login/").content.decode()
    assert "on mail.example.org</footer>" in text


@pytest.mark.parametrize("name", ["alice", "alice@example.org", "ALICE+shop@example.org"])
def test_the_name_and_any_address_of_the_account_open_it(world: World, name: str) -> None:
    assert world.alice
    assert log_in(name, world.password)[:2] == (302, "/")


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(world: World) -> None:
    assert world.alice
    pages = []
    for name in ("alice", "nobody"):
        status, _, text = log_in(name, "wrong password")
        assert status == 200
        pages.append(text.replace(f'value="{name}"', ""))
    without_tokens = [
        text.split("csrfmiddlewaretoken")[0] + text.split("<h1>")[1].split("value=")[0] for text in pages
    ]
    assert without_tokens[0] == without_tokens[1]
    assert all("do not belong together" in text for text in pages)


def test_a_disabled_login_gets_the_answer_of_a_wrong_password(world: World) -> None:
    world.alice.login_disabled = "on leave"
    world.alice.save()
    status, _, text = log_in("alice", world.password)
    assert status == 200
    assert "do not belong together" in text
    assert "on leave" not in text


def test_an_app_password_opens_no_page(world: World) -> None:
    password = add_app_password(world.alice.login, "phone")
    assert log_in("alice", password)[0] == 200


def test_after_the_login_one_is_where_one_wanted_to_go(world: World) -> None:
    assert world.alice
    assert Client().get("/sent/").headers["Location"] == "/login/?next=/sent/"
    assert log_in("alice", world.password, "/login/?next=/sent/")[1] == "/sent/"


def test_nobody_is_led_to_another_site(world: World) -> None:
    assert world.alice
    assert log_in("alice", world.password, "/login/?next=https://evil.example/")[1] == "/"


def test_a_login_without_an_account_is_shown_the_way_to_the_admin(world: World) -> None:
    text = page(visit_as(world.admin), "/")
    assert "This login has no account" in text
    assert 'href="/admin/"' in text


def test_logging_out_ends_the_session(world: World) -> None:
    client = visit_as(world.alice.login)
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("path", ["/", "/mail/1/", "/mail/1/1/raw/", "/sent/", "/sent/1/", "/account/"])
def test_without_a_login_every_page_leads_to_the_login(world: World, path: str) -> None:
    assert Client().get(path).headers["Location"].startswith("/login/?next=")
