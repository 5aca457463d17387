"""User name and password as a mail program sends them."""

from typing import Any

import pytest

from mail import clock
from mail.errors import MailError
from mail.identity.passwords import add_app_password
from mail.identity.salts import fake_salts
from mail.identity.verify import VerifiedLogin, verify_password
from mail.models import Credential
from mail.sasl.verifier import ScramVerifier, make_verifier
from mail.store.writer import stop_writer
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def last_used(world: World) -> int | None:
    stop_writer()  # it has written everything then
    used: int | None = Credential.objects.get(login=world.alice.login, kind="main").last_used
    return used


def test_the_right_password_tells_who_it_is(world: World) -> None:
    credential = world.alice.login.credentials.get()
    expected = VerifiedLogin("alice", world.alice.pk, "alice", credential.pk, "")
    assert verify_password("alice@example.org", world.password) == expected


def test_an_app_password_tells_which_one_it_was(world: World) -> None:
    password = add_app_password(world.alice.login, "phone")
    verified = verify_password("alice", password)
    assert verified is not None
    assert verified.credential_label == "phone"


@pytest.mark.parametrize("username", ["alice", "bob@example.org", "nobody@example.org", "x"])
def test_a_wrong_name_or_password_is_nobody(world: World, username: str) -> None:
    assert world.alice
    assert verify_password(username, "wrong password") is None


def test_a_login_without_an_account_can_not_use_mail(world: World) -> None:
    assert world.admin
    assert verify_password("admin", world.password) is None


def test_a_closed_account_says_why_but_only_to_who_knows_the_password(world: World) -> None:
    world.alice.login_disabled = "bill unpaid – call us"
    world.alice.save()
    assert verify_password("alice", "wrong password") is None
    with pytest.raises(MailError) as caught:
        verify_password("alice", world.password)
    assert str(caught.value.public) == "525 5.7.13 bill unpaid ? call us"


def test_a_disabled_login_is_refused(world: World) -> None:
    login = world.alice.login
    login.is_active = False
    login.save()
    with pytest.raises(MailError, match="525"):
        verify_password("alice", world.password)


def test_the_use_of_a_password_is_recorded_at_most_once_a_minute(world: World) -> None:
    assert world.alice
    verify_password("alice", world.password)
    first = last_used(world)
    assert first is not None
    clock.advance(50 * clock.SECOND)
    verify_password("alice", world.password)
    assert last_used(world) == first
    clock.advance(20 * clock.SECOND)
    verify_password("alice", world.password)
    second = last_used(world)
    assert second is not None
    assert second > first


def test_a_failed_login_is_no_use(world: World) -> None:
    assert world.alice
    verify_password("alice", "wrong password")
    assert last_used(world) is None


@pytest.mark.parametrize("username", ["alice", "nobody", "nobody@example.org", "x@remote.example", "admin"])
def test_every_try_costs_one_computation(
    world: World, username: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.alice
    assert world.admin
    add_app_password(world.alice.login, "phone")
    counted = []

    def count(*arguments: Any) -> ScramVerifier:
        counted.append(arguments)
        return make_verifier(*arguments)

    monkeypatch.setattr("mail.identity.passwords.make_verifier", count)
    assert verify_password(username, "wrong password") is None
    assert len(counted) == 1


def test_the_salts_of_unknown_names_are_lasting_and_differ() -> None:
    assert fake_salts("nobody") == fake_salts("Nobody")
    assert fake_salts("nobody") != fake_salts("somebody")
    assert fake_salts("nobody").sha_1 != fake_salts("nobody").sha_256
