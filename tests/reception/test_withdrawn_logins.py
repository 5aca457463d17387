"""A session whose login or password is taken away while it lasts."""

from collections.abc import Callable

import pytest

from delivery.reception import validity
from mail.identity.passwords import add_app_password, revoke, set_main_password
from mail.models import Account, Credential, Login
from tests.world.smtp_dialogue import ConnectionEnded, Dialogue
from tests.world.smtp_server import MailServer
from tests.world.world import PASSWORD, World

pytestmark = pytest.mark.only_database("sqlite")

SENDER, RECIPIENT = "MAIL FROM:<alice@example.org>", "RCPT TO:<bob@remote.example>"


@pytest.fixture(autouse=True)
def _look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validity, "SECONDS", 0.0)


def session(world: World, server: MailServer, password: str = PASSWORD) -> Dialogue:
    from delivery.smtp.server.backend import Service

    client = server.connect(Service.SUBMISSIONS)
    assert client.log_in("alice", password).startswith("235")
    client.expect("250", SENDER, RECIPIENT, "RSET")
    return client


def assert_ended(client: Dialogue, command: str) -> None:
    client.expect("421 4.7.0 this login or its password was withdrawn", command)
    with pytest.raises(ConnectionEnded):
        client.reply()


def disable_login(login: Login) -> None:
    Login.objects.filter(pk=login.pk).update(is_active=False)


def close_account(login: Login) -> None:
    Account.objects.filter(login=login).update(login_disabled="on leave")


def change_password(login: Login) -> None:
    set_main_password(login, "another good password")


@pytest.mark.parametrize("withdraw", [disable_login, close_account, change_password])
def test_it_ends_at_the_next_message(
    world: World, server: MailServer, withdraw: Callable[[Login], None]
) -> None:
    login = world.alice.login
    with session(world, server) as client:
        withdraw(login)
        assert_ended(client, SENDER)


def test_it_ends_at_the_next_recipient(world: World, server: MailServer) -> None:
    login = world.alice.login
    with session(world, server) as client:
        client.expect("250", SENDER)
        disable_login(login)
        assert_ended(client, RECIPIENT)


def test_taking_one_app_password_away_ends_the_sessions_of_that_one(world: World, server: MailServer) -> None:
    login = world.alice.login
    phone, laptop = (add_app_password(login, name) for name in ("phone", "laptop"))
    with (
        session(world, server, phone) as lost,
        session(world, server, laptop) as kept,
        session(world, server) as main,
    ):
        revoke(Credential.objects.get(label="phone"))
        assert_ended(lost, SENDER)
        kept.expect("250", SENDER)
        main.expect("250", SENDER)
        change_password(login)
        kept.expect("250", RECIPIENT)
        assert_ended(main, RECIPIENT)
