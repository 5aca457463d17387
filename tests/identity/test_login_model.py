"""The user model as Django's authentication sees it."""

import asyncio

import pytest

from mail.identity.logins import ensure_login
from mail.identity.passwords import PasswordRefused, add_app_password, set_main_password
from mail.models import Account, Login
from tests.world.world import World


def test_a_password_is_set_when_the_login_is_saved(world: World) -> None:
    login = Login(name="new")
    login.set_password("some password")
    login.save()
    assert Login.objects.get(name="new").check_password("some password")
    assert not login.check_password("some passwor")


def test_a_refused_password_leaves_no_login(world: World) -> None:
    login = Login(name="new")
    login.set_password("short")
    with pytest.raises(PasswordRefused):
        login.save()
    assert not Login.objects.filter(name="new").exists()


def test_a_password_can_be_checked_from_an_event_loop(world: World) -> None:
    login = world.alice.login
    assert not asyncio.run(login.acheck_password(None))


def test_app_passwords_are_not_the_password_of_the_pages(world: World) -> None:
    login = world.alice.login
    assert not login.check_password(add_app_password(login, "phone"))


def test_changing_the_password_ends_sessions(world: World) -> None:
    login = world.alice.login
    before = login.get_session_auth_hash()
    assert Login.objects.get(pk=login.pk).get_session_auth_hash() == before
    set_main_password(login, "another password")
    assert login.get_session_auth_hash() != before


def test_adding_an_app_password_does_not_end_sessions(world: World) -> None:
    login = world.alice.login
    before = login.get_session_auth_hash()
    add_app_password(login, "phone")
    assert login.get_session_auth_hash() == before


def test_a_login_without_password_is_told_apart(world: World) -> None:
    login = world.alice.login
    assert login.has_usable_password()
    login.set_unusable_password()
    assert not login.has_usable_password()
    assert not login.check_password(world.password)


def test_an_account_gets_one_login_of_its_name(world: World) -> None:
    account = Account.objects.create(name="carol")
    login = ensure_login(account)
    assert login.name == "carol"
    assert not login.has_usable_password()
    assert ensure_login(account) == login


def test_renaming_an_account_renames_its_login(world: World) -> None:
    world.alice.name = "alicia"
    world.alice.save()
    assert Login.objects.get(account=world.alice).name == "alicia"


def test_a_login_with_another_name_keeps_it(world: World) -> None:
    account = Account.objects.create(name="carol")
    Login.objects.create(name="caroline", account=account)
    account.name = "caro"
    account.save()
    assert Login.objects.get(account=account).name == "caroline"
