"""Passwords of transports in files: set, kept, changed, removed."""

import pytest

from delivery.models import Transport
from tests.configfile.applying import apply, plan, problems
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

RELAY = '[transports.relay]\nkind = "submission"\nhost = "relay.example"\nusername = "me"\n'


def password() -> str:
    return Transport.objects.get(name="relay").password


@pytest.fixture(autouse=True)
def relay(world: World) -> None:
    apply(RELAY + 'password = "first"\n')


def test_an_absent_password_stays(world: World) -> None:
    assert apply(RELAY) == []
    assert apply(RELAY + "port = 2525\n") == ["~ transport relay: port unset -> 2525"]
    assert password() == "first"


def test_the_same_password_is_no_change(world: World) -> None:
    assert apply(RELAY + 'password = "first"\n') == []


def test_another_password_is_a_change_that_shows_neither(world: World) -> None:
    assert apply(RELAY + 'password = "second"\n') == ["~ transport relay: password changed"]
    assert password() == "second"


def test_an_empty_password_removes_it(world: World) -> None:
    assert apply(RELAY + 'password = ""\n') == ["~ transport relay: password removed"]
    assert password() == ""
    assert apply(RELAY + 'password = ""\n') == []
    assert apply(RELAY + 'password = "again"\n') == ["~ transport relay: password set"]


def test_a_kind_without_login_forgets_the_password(world: World) -> None:
    apply('[transports.relay]\nkind = "direct"\n')
    assert password() == ""


def test_a_password_under_another_secret_key_can_be_set_anew(world: World) -> None:
    Transport.objects.update(password_sealed=b"\x01" + b"x" * 40)
    assert apply(RELAY) == []
    assert apply(RELAY + 'password = "new"\n') == ["~ transport relay: password changed"]
    assert password() == "new"


def test_a_user_name_without_password_is_an_effect(world: World) -> None:
    other = RELAY.replace("relay]", "other]")
    assert plan(RELAY + other).effects() == ["transport other has a user name but no password yet"]


def test_a_password_without_user_name_is_a_problem(world: World) -> None:
    assert problems('[transports.x]\nkind = "smtp"\nhost = "r.example"\npassword = "secret"\n') == [
        "transports.x.username: is needed for a login (line 1)"
    ]
