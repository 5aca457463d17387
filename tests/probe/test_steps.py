"""What a test of a transport does and shows."""

import ssl

import pytest

from tests.probe.testing import RELAY, names, probe, through_relay
from tests.transports.delivering import CAROL, Elsewhere, trust_in
from tests.world.authority import Authority
from tests.world.smtp_peer import Ordinary

LOGIN = {"me": "s3cret word"}


@pytest.fixture
def relays(elsewhere: Elsewhere, authority: Authority) -> Elsewhere:
    elsewhere.trust = trust_in(authority.ca_file)
    return elsewhere


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> ssl.SSLContext:
    return authority.server(RELAY)


def test_every_step_is_shown_in_order_and_no_message_is_sent(
    relays: Elsewhere, certificate: ssl.SSLContext
) -> None:
    server = relays.server(RELAY, Ordinary(tls=certificate, login=LOGIN))
    way = through_relay(relays, username="me", password="s3cret word")
    assert way.succeeded
    assert way.diagnoses == ()
    assert names(way) == [
        "addresses", "connect", "greeting", "EHLO", "STARTTLS", "TLS", "EHLO", "login", "sender",
        "recipient", "reset",
    ]  # fmt: skip
    assert "certificate verified" in way.steps[5].text
    assert all(0 <= step.seconds < 5 for step in way.steps)
    assert not any(line.startswith("DATA") for line in server.lines)
    assert f"RCPT TO:<{CAROL}>" in server.lines


def test_the_conversation_hides_the_password(relays: Elsewhere, certificate: ssl.SSLContext) -> None:
    relays.server(RELAY, Ordinary(tls=certificate, login=LOGIN))
    way = through_relay(relays, username="me", password="s3cret word", mechanisms=["PLAIN"])
    said = [line.text for line in way.transcript]
    assert "AUTH PLAIN ***" in said
    assert "s3cret" not in repr(way)
    assert "czNjcmV0" not in repr(way)


def test_without_a_recipient_the_login_is_the_last_step(
    relays: Elsewhere, certificate: ssl.SSLContext
) -> None:
    server = relays.server(RELAY, Ordinary(tls=certificate, login=LOGIN))
    way = through_relay(relays, recipient="", username="me", password="s3cret word")
    assert way.succeeded
    assert names(way)[-1] == "login"
    assert not any(line.startswith("MAIL") for line in server.lines)


def test_every_host_of_a_relay_is_tested(relays: Elsewhere, certificate: ssl.SSLContext) -> None:
    relays.server(RELAY, Ordinary(tls=certificate))
    report = probe(
        relays, "submission", {"hosts": [f"{RELAY}:{relays.port}", f"missing.example:{relays.port}"]}
    )
    assert [way.succeeded for way in report.ways] == [True, False]
    assert not report.succeeded
    assert [found.name for found in report.ways[1].diagnoses] == ["name does not resolve"]


def test_the_servers_of_a_domain_are_tested_like_an_attempt_would_use_them(elsewhere: Elsewhere) -> None:
    elsewhere.server("mx2.remote.example", Ordinary())
    elsewhere.dns.add("mx1.remote.example", {"A": ["127.0.0.99"]})
    elsewhere.domain("remote.example", "10 mx1.remote.example.", "20 mx2.remote.example.")
    (way,) = probe(elsewhere, "direct").ways
    assert way.succeeded
    assert way.title == "remote.example"
    assert way.steps[0].text == "mx1.remote.example, mx2.remote.example"
    assert [found.name for found in way.diagnoses] == ["nothing listens"]


def test_direct_delivery_needs_a_recipient(elsewhere: Elsewhere) -> None:
    with pytest.raises(ValueError, match="a recipient is needed"):
        probe(elsewhere, "direct", recipient="")
