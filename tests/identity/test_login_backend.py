"""Logging in to the pages: by which names, and who may not."""

import pytest
from django.contrib.auth import authenticate

from mail.identity.backend import LoginBackend
from mail.identity.passwords import add_app_password
from mail.models import Destination, Domain, Login
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def log_in(username: str | None, password: str | None) -> Login | None:
    user = authenticate(None, username=username, password=password)
    assert user is None or isinstance(user, Login)
    return user


@pytest.mark.parametrize(
    "username", ["alice", "alice@example.org", "Alice@EXAMPLE.org", "alice+shop@example.org", " alice "]
)
def test_the_name_and_every_form_of_an_address_log_in(world: World, username: str) -> None:
    expected = world.alice.login
    assert log_in(username, world.password) == expected


def test_an_address_that_falls_to_the_catchall_logs_in(world: World) -> None:
    Destination.objects.create(account=world.alice, domain=world.b_example, is_catchall=True)
    assert log_in("anything@b.example", world.password) == world.alice.login


def test_an_address_of_an_internationalised_domain_logs_in(world: World) -> None:
    domain = Domain.objects.create(name="bücher.example")
    Destination.objects.create(account=world.alice, domain=domain, localpart="alice")
    assert log_in("alice@bücher.example", world.password) == world.alice.login


def test_a_disabled_domain_does_not_keep_from_logging_in(world: World) -> None:
    assert world.alice
    world.example_org.disabled = True
    world.example_org.save()
    assert log_in("alice@example.org", world.password) is not None


@pytest.mark.parametrize(
    "username",
    ["nobody", "nobody@example.org", "alice@b.example", "alice@", "@example.org", "", "a@b@c", None],
)
def test_other_names_do_not_log_in(world: World, username: str | None) -> None:
    assert world.alice
    assert log_in(username, world.password) is None


@pytest.mark.parametrize("password", ["wrong password", "", None])
def test_a_wrong_password_does_not_log_in(world: World, password: str | None) -> None:
    assert world.alice
    assert log_in("alice", password) is None


def test_an_app_password_opens_no_pages(world: World) -> None:
    assert log_in("alice", add_app_password(world.alice.login, "phone")) is None


def test_a_login_for_the_admin_alone_logs_in(world: World) -> None:
    assert world.admin.is_staff
    assert log_in("admin", world.password) == world.admin


def test_a_disabled_login_neither_logs_in_nor_stays_logged_in(world: World) -> None:
    login = world.alice.login
    login.is_active = False
    login.save()
    assert log_in("alice", world.password) is None
    assert LoginBackend().get_user(login.pk) is None


def test_a_closed_account_neither_logs_in_nor_stays_logged_in(world: World) -> None:
    login = world.alice.login
    assert LoginBackend().get_user(login.pk) == login
    world.alice.login_disabled = "moved away"
    world.alice.save()
    assert log_in("alice", world.password) is None
    assert LoginBackend().get_user(login.pk) is None


def test_a_login_that_is_gone_has_no_session(world: World) -> None:
    assert LoginBackend().get_user(world.alice.login.pk + 1000) is None
