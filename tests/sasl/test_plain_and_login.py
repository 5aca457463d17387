"""PLAIN and LOGIN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.errors import MailError
from mail.sasl.exchange import PasswordClaim
from mail.sasl.login import LoginClient, LoginServer
from mail.sasl.mechanism import Mechanism, SaslError
from mail.sasl.plain import PlainClient, PlainServer, parse_plain

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)
ALICE = PasswordClaim("alice@example.org", "pässword")


@given(NAMES, NAMES)
def test_plain_carries_user_name_and_password(username: str, password: str) -> None:
    client = PlainClient(username, password)
    assert PlainServer().step(client.initial()) == PasswordClaim(username, password)
    assert client.finished


@given(NAMES, NAMES, st.booleans())
def test_login_carries_user_name_and_password(username: str, password: str, initial_response: bool) -> None:
    client: Mechanism = LoginClient(username, password)
    server = LoginServer()
    assert client.initial() is None
    first = server.step(client.step(b"") if initial_response else None)
    assert isinstance(first, bytes)
    answer = server.step(client.step(first))
    if not initial_response:
        assert not client.finished
        assert isinstance(answer, bytes)
        answer = server.step(client.step(answer))
    assert answer == PasswordClaim(username, password)
    assert client.finished


def test_plain_without_initial_response_is_asked_for_with_an_empty_challenge() -> None:
    server = PlainServer()
    assert server.step(None) == b""
    assert server.step("\0alice@example.org\0pässword".encode()) == ALICE


def test_the_authorization_identity_may_repeat_the_user_name() -> None:
    assert parse_plain("alice@example.org\0alice@example.org\0pässword".encode()) == ALICE


def test_nobody_acts_for_another_user() -> None:
    with pytest.raises(MailError) as raised:
        parse_plain(b"bob@example.org\0alice@example.org\0password")
    assert (raised.value.public.code, raised.value.public.enhanced) == (535, "5.7.8")


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\0",
        b"alice\0hunter2",
        b"\0alice\0pass\0word",
        b"\0\0hunter2",
        b"\0alice\0",
        b"\0al\xffice\0hunter2",
    ],
)
def test_a_malformed_plain_message_is_refused_with_501(message: bytes) -> None:
    with pytest.raises(MailError) as raised:
        parse_plain(message)
    assert (raised.value.public.code, raised.value.public.enhanced) == (501, "5.5.2")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(("before", "response"), [([], b""), ([b"alice"], b""), ([], b"al\xffice")])
def test_a_malformed_login_answer_is_refused_with_501(before: list[bytes], response: bytes) -> None:
    server = LoginServer()
    for answer in [None, *before]:
        server.step(answer)
    with pytest.raises(MailError) as raised:
        server.step(response)
    assert raised.value.public.code == 501


def test_login_asks_with_the_words_that_old_clients_expect() -> None:
    server = LoginServer()
    assert server.step(None) == b"Username:"
    assert server.step(b"alice") == b"Password:"


def test_the_password_does_not_show_in_logs() -> None:
    assert "pässword" not in repr(ALICE)


def test_the_plain_client_has_nothing_to_say_after_its_message() -> None:
    client = PlainClient("alice", "password")
    client.initial()
    with pytest.raises(SaslError):
        client.step(b"")


def test_the_login_client_answers_twice_only() -> None:
    client = LoginClient("alice", "password")
    assert [client.step(b"User Name\0"), client.step(b"")] == [b"alice", b"password"]
    with pytest.raises(SaslError):
        client.step(b"")


def test_plain_refuses_to_send_a_nul_character() -> None:
    with pytest.raises(SaslError):
        PlainClient("alice", "pass\0word")
