"""Logging in: the mechanism, the exchange, what cancels it, and who gets to see the password."""

import base64
import hmac
import logging

import pytest

from delivery.smtp.client.credentials import Credentials
from delivery.smtp.client.failure import DeliveryFailure, Stage
from delivery.smtp.client.session import Session
from delivery.smtp.client.transcript import Line
from mail.log.levels import TRACE, TRACEAUTH
from tests.smtp_client.conversation import greeter, open_and_leave
from tests.world.smtp_peer import PeerSession, Script, SmtpPeer

PASSWORD = "wörd=,secret"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def log_in(
    script: Script, *mechanisms: str, password: str = PASSWORD, lines: list[Line] | None = None
) -> Session:
    credentials = Credentials("me", password, mechanisms)
    with SmtpPeer(script) as server:
        return open_and_leave(server, greeter(credentials=credentials), lines)


def offering(*offered: str, then: Script) -> Script:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", "250-ENHANCEDSTATUSCODES", f"250 AUTH {' '.join(offered)}")
        then(peer)
        peer.expect("QUIT")

    return script


def failure_of(script: Script, *mechanisms: str) -> DeliveryFailure:
    with pytest.raises(DeliveryFailure) as raised:
        log_in(script, *mechanisms)
    assert raised.value.stage is Stage.AUTH
    return raised.value


def test_plain_sends_the_credentials_with_the_command() -> None:
    def server(peer: PeerSession) -> None:
        assert peer.expect("AUTH PLAIN ") == "AUTH PLAIN " + encoded(f"\0me\0{PASSWORD}")
        peer.send("235 welcome")

    assert log_in(offering("PLAIN", then=server), "PLAIN").facts.mechanism == "PLAIN"


def test_a_long_response_waits_for_the_server_s_invitation() -> None:
    password = "x" * 600

    def server(peer: PeerSession) -> None:
        assert peer.read_line() == "AUTH PLAIN"
        peer.send("334 ")
        assert peer.read_line() == encoded(f"\0me\0{password}")
        peer.send("235 welcome")

    log_in(offering("PLAIN", then=server), "PLAIN", password=password)


def test_login_answers_whatever_the_questions_are_called() -> None:
    def server(peer: PeerSession) -> None:
        assert peer.read_line() == "AUTH LOGIN"
        peer.send("334 " + encoded("Benutzer?"))
        assert peer.read_line() == encoded("me")
        peer.send("334 " + encoded("Kennwort?"))
        assert peer.read_line() == encoded(PASSWORD)
        peer.send("235 welcome")

    log_in(offering("LOGIN", then=server), "LOGIN")


def test_cram_md5_proves_the_password_without_sending_it() -> None:
    challenge = "<1.2@mx.remote.example>"

    def server(peer: PeerSession) -> None:
        assert peer.read_line() == "AUTH CRAM-MD5"
        peer.send("334 " + encoded(challenge))
        digest = hmac.new(PASSWORD.encode(), challenge.encode(), "md5").hexdigest()
        assert peer.read_line() == encoded(f"me {digest}")
        peer.send("235 welcome")

    log_in(offering("cram-md5", "PLAIN", then=server))


def test_the_configured_order_is_the_preference() -> None:
    def server(peer: PeerSession) -> None:
        peer.expect("AUTH PLAIN")
        peer.send("235 welcome")

    log_in(offering("CRAM-MD5", "PLAIN", then=server), "PLAIN", "CRAM-MD5")


def test_the_password_is_not_sent_in_clear_text_unless_configured() -> None:
    failure = failure_of(offering("PLAIN", "LOGIN", then=lambda peer: None))
    assert failure.temporary
    assert "PLAIN, LOGIN" in str(failure)


def test_a_server_without_login_is_named_as_such() -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250 x")
        peer.expect("QUIT")

    assert "the server offers none" in str(failure_of(script))


def test_a_wrong_password_keeps_the_server_s_reply() -> None:
    def server(peer: PeerSession) -> None:
        peer.expect("AUTH")
        peer.send("535 5.7.8 wrong password")

    failure = failure_of(offering("PLAIN", then=server), "PLAIN")
    assert (failure.remote, failure.public.code, failure.public.enhanced) == (True, 535, "5.7.8")
    assert not failure.temporary
    assert failure.as_temporary().temporary


@pytest.mark.parametrize("challenge", ["334-one\r\n334 two", "334 !!!", "334 YWJj"])
def test_a_challenge_that_can_t_be_answered_cancels_the_exchange(challenge: str) -> None:
    def server(peer: PeerSession) -> None:
        peer.expect("AUTH PLAIN")
        peer.send(challenge)
        assert peer.read_line() == "*"
        peer.send("501 cancelled")

    assert not failure_of(offering("PLAIN", then=server), "PLAIN").remote


def test_success_before_the_exchange_is_finished_is_a_failure() -> None:
    def server(peer: PeerSession) -> None:
        peer.expect("AUTH CRAM-MD5")
        peer.send("235 come in")

    assert "before CRAM-MD5 was finished" in str(failure_of(offering("CRAM-MD5", then=server)))


def test_a_server_that_asks_for_ever_is_stopped() -> None:
    def server(peer: PeerSession) -> None:
        peer.expect("AUTH LOGIN")
        for _ in range(2):
            peer.send("334 " + encoded("again?"))
            peer.read_line()
        peer.send("334 " + encoded("again?"))
        assert peer.read_line() == "*"
        peer.send("501 cancelled")

    failure_of(offering("LOGIN", then=server), "LOGIN")


def plain_and_login(peer: PeerSession) -> None:
    peer.expect("AUTH LOGIN")
    peer.send("334 " + encoded("Username:"))
    peer.read_line()
    peer.send("334 " + encoded("Password:"))
    peer.read_line()
    peer.send("235 welcome")


def test_neither_log_nor_transcript_shows_credentials_at_trace(caplog: pytest.LogCaptureFixture) -> None:
    lines: list[Line] = []
    with caplog.at_level(TRACE, "delivery.smtp.client.transcript"):
        log_in(offering("LOGIN", then=plain_and_login), "LOGIN", lines=lines)
    logged = [str(vars(record)) for record in caplog.records]
    for shown in (*logged, *(line.text for line in lines)):
        assert encoded(PASSWORD) not in shown
        assert encoded("me") not in shown
    assert any("AUTH LOGIN" in line for line in logged)
    assert Line(False, "***") in lines


def test_credentials_show_at_traceauth_only(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(TRACEAUTH, "delivery.smtp.client.transcript"):
        log_in(offering("LOGIN", then=plain_and_login), "LOGIN")
    showing = [record for record in caplog.records if encoded(PASSWORD) in str(vars(record))]
    assert [record.levelno for record in showing] == [TRACEAUTH]


def test_the_representation_of_credentials_hides_the_password() -> None:
    assert PASSWORD not in repr(Credentials("me", PASSWORD))
    assert logging.getLevelName(TRACEAUTH) == "traceauth"
