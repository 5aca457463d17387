"""Who may log in, what a wrong password costs, and what the log says."""

import logging

import pytest

from delivery.smtp.server.backend import Service
from mail.identity.passwords import add_app_password
from mail.models import Account, Login
from tests.world.smtp_server import MailServer
from tests.world.world import PASSWORD, World


def attempt(server: MailServer, username: str, password: str) -> str:
    with server.connect(Service.SUBMISSIONS) as client:
        return client.log_in(username, password)


@pytest.mark.parametrize("username", ["alice", "alice@example.org", "alice+x@example.org"])
def test_the_name_of_the_login_or_any_address_of_the_account(
    world: World, server: MailServer, username: str
) -> None:
    world.alice  # noqa: B018
    assert attempt(server, username, PASSWORD).startswith("235 2.7.0")


def test_an_app_password_works_too(world: World, server: MailServer) -> None:
    password = add_app_password(Login.objects.get(account=world.alice), "telephone")
    assert attempt(server, "alice", password).startswith("235")


@pytest.mark.parametrize(("username", "password"), [("alice", "wrong password"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(
    world: World, server: MailServer, username: str, password: str
) -> None:
    world.alice  # noqa: B018
    assert attempt(server, username, password) == "535 5.7.8 wrong user name or password"


def test_a_disabled_login_learns_why(world: World, server: MailServer) -> None:
    Account.objects.filter(pk=world.alice.pk).update(login_disabled="on holiday")
    assert attempt(server, "alice", PASSWORD) == "525 5.7.13 on holiday"


def test_after_a_failure_the_right_password_still_works(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.connect(Service.SUBMISSIONS) as client:
        assert client.log_in("alice", "wrong password").startswith("535")
        assert client.log_in("alice", PASSWORD).startswith("235")


def test_nothing_is_submitted_without_a_login(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.connect(Service.SUBMISSION) as client:
        client.expect("530 5.7.0", "MAIL FROM:<alice@example.org>")
        client.start_tls(server.tls)
        client.expect("530 5.7.0", "MAIL FROM:<alice@example.org>")


def test_the_log_names_login_and_address_and_never_a_password(
    world: World, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    world.alice  # noqa: B018
    caplog.set_level(logging.DEBUG)
    attempt(server, "alice", "a wrong secret")
    attempt(server, "alice", PASSWORD)
    failed, succeeded = (
        vars(record)["fields"] for record in caplog.records if record.name == "delivery.reception.login"
    )
    assert failed["reply"].startswith("535")
    assert (failed["login"], failed["remote"]) == ("alice", "127.0.0.1")
    assert succeeded["account"] == "alice"
    everything = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    for secret in ("a wrong secret", PASSWORD):
        assert secret not in everything
