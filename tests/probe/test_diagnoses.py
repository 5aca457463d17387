"""Failures have names, and say what to do."""

import datetime
import ssl
import threading

import pytest
import trustme

from delivery.probe.diagnosis import Failure, diagnose
from delivery.probe.report import WayReport
from delivery.smtp.client.failure import Stage
from mail.errors import Reply
from tests.probe.testing import RELAY, names, probe, through_relay
from tests.transports.delivering import CAROL, Elsewhere, trust_in
from tests.world.authority import Authority
from tests.world.smtp_peer import Ordinary, PeerSession

LOGIN = {"me": "right"}


@pytest.fixture
def relays(elsewhere: Elsewhere, authority: Authority) -> Elsewhere:
    elsewhere.trust = trust_in(authority.ca_file)
    return elsewhere


def found(way: WayReport) -> str:
    assert not way.succeeded
    (diagnosis,) = way.diagnoses
    assert diagnosis.says
    assert diagnosis.advice
    return diagnosis.name


def test_a_name_that_does_not_resolve(relays: Elsewhere) -> None:
    way = through_relay(relays, port=2525)
    assert found(way) == "name does not resolve"
    assert names(way) == ["!addresses"]


def test_a_port_where_nothing_listens(relays: Elsewhere) -> None:
    server = relays.server("other.example", Ordinary())
    relays.dns.add(RELAY, {"A": ["127.0.0.99"]})
    way = through_relay(relays, port=server.port)
    assert found(way) == "nothing listens"
    assert names(way) == ["addresses", "!connect"]


def test_a_domain_that_takes_no_mail(relays: Elsewhere) -> None:
    relays.dns.add("remote.example", {"MX": ["0 ."]})
    (way,) = probe(relays, "direct").ways
    assert found(way) == "domain takes no mail"
    assert names(way) == ["!MX"]


def test_a_certificate_for_another_name(relays: Elsewhere, authority: Authority) -> None:
    relays.server(RELAY, Ordinary(tls=authority.server("other.example")))
    way = through_relay(relays)
    assert found(way) == "certificate has the wrong name"
    assert names(way)[-2:] == ["STARTTLS", "!tls"]


def test_a_certificate_of_an_unknown_authority(elsewhere: Elsewhere, authority: Authority) -> None:
    elsewhere.server(RELAY, Ordinary(tls=authority.server(RELAY)))
    assert found(through_relay(elsewhere)) == "certificate is not trusted"


def test_a_certificate_that_has_expired(elsewhere: Elsewhere, authority: Authority) -> None:
    private = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    yesterday = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    private.issue_cert(RELAY, not_after=yesterday).configure_cert(context)
    bundle = authority.ca_file.with_name("expired.pem")
    private.cert_pem.write_to_path(bundle)
    elsewhere.trust = trust_in(bundle)
    elsewhere.server(RELAY, Ordinary(tls=context))
    assert found(through_relay(elsewhere)) == "certificate has expired"


def test_a_wrong_password(relays: Elsewhere, authority: Authority) -> None:
    relays.server(RELAY, Ordinary(tls=authority.server(RELAY), login=LOGIN))
    way = through_relay(relays, username="me", password="wrong")
    assert found(way) == "wrong password"
    assert names(way)[-1] == "!login"
    assert "535 5.7.8" in way.diagnoses[0].says


def test_no_common_login_method(relays: Elsewhere, authority: Authority) -> None:
    relays.server(RELAY, Ordinary(tls=authority.server(RELAY), login=LOGIN))
    way = through_relay(relays, username="me", password="right", mechanisms=["CRAM-MD5"])
    assert found(way) == "no common login method"


def test_a_host_without_starttls(relays: Elsewhere) -> None:
    relays.server(RELAY, Ordinary(starttls="502 5.5.1 not here"))
    assert found(through_relay(relays)) == "no STARTTLS"


@pytest.mark.parametrize(
    ("script", "name"),
    [
        (Ordinary(mail="530 5.7.0 authentication required"), "login needed"),
        (Ordinary(mail="550 5.7.1 not yours"), "relay refuses sender"),
        (Ordinary(rcpt={CAROL: "554 5.7.1 relay access denied"}), "relay refuses recipient"),
        (Ordinary(rcpt={CAROL: "550 5.1.1 no such user"}), "recipient refused"),
        (Ordinary(rcpt={CAROL: "451 4.7.1 greylisted"}), "recipient refused for now"),
        (Ordinary(greeting="554 5.7.1 go away"), "host takes no mail"),
    ],
)
def test_refusals(relays: Elsewhere, script: Ordinary, name: str) -> None:
    relays.server(RELAY, script)
    way = through_relay(relays, "smtp", no_starttls=True)
    assert found(way) == name


@pytest.mark.parametrize(
    ("script", "name"),
    [
        (Ordinary(mail="550 5.7.1 not yours"), "mail server refuses sender"),
        (Ordinary(rcpt={CAROL: "554 5.7.1 relay access denied"}), "mail server refuses recipient"),
        (Ordinary(rcpt={CAROL: "550 5.1.1 no such user"}), "recipient refused"),
    ],
)
def test_refusals_of_the_recipients_own_server(relays: Elsewhere, script: Ordinary, name: str) -> None:
    relays.server("mx.remote.example", script)
    relays.dns.add("remote.example", {"MX": ["10 mx.remote.example."]})
    (way,) = probe(relays, "direct").ways
    assert found(way) == name
    assert "relay" not in way.diagnoses[0].advice


def test_immediate_tls_on_a_port_that_begins_in_clear_text(relays: Elsewhere) -> None:
    relays.server(RELAY, Ordinary())
    assert found(through_relay(relays, "submissions")) == "host speaks plain text"


def test_a_host_that_says_nothing_is_given_up_in_time(
    relays: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def silent(peer: PeerSession) -> None:
        over.wait(10)

    monkeypatch.setattr("delivery.probe.probe.DEADLINE_SECONDS", 0.3)
    relays.server(RELAY, silent)
    way = through_relay(relays)
    over.set()
    assert found(way) == "takes too long"
    assert names(way) == ["addresses", "connect"]


PROXY = "the SOCKS proxy 127.0.0.1:9050"
NAMED: list[tuple[Stage, str, str]] = [
    (Stage.CONNECT, f"{PROXY} can't be reached: Connection refused", "proxy can’t be reached"),
    (Stage.CONNECT, f"{PROXY} could not reach 192.0.2.1 port 25: host unreachable",
     "proxy does not reach the host"),
    (Stage.CONNECT, f"{PROXY} refused us: invalid username or password", "proxy refuses"),
    (Stage.CONNECT, "192.0.2.1 port 25 does not answer within 8 s", "no answer"),
    (Stage.GREETING, "the server does not answer within 10 s", "host stays silent"),
    (Stage.AUTH, "the server's signature is wrong", "login was not finished"),
    (Stage.STARTTLS, "the MTA-STS policy of r.example does not list its mail server mx.r.example",
     "MTA-STS policy is not kept"),
    (Stage.TLS, "TLS failed: the certificate does not match the TLSA records", "DANE is not kept"),
    (Stage.RCPT, "the server closed the connection", "recipient refused"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "text", "name"), NAMED)
def test_failures_on_this_side_are_named_by_their_words(stage: Stage, text: str, name: str) -> None:
    assert diagnose(Failure("h:25", stage, False, Reply(451, "4.4.1", text))).name == name


@pytest.mark.parametrize("stage", list(Stage))
def test_every_step_has_a_name_for_its_failure(stage: Stage) -> None:
    for reply in (Reply(421, "", "busy"), Reply(550, "5.0.0", "no")):
        assert diagnose(Failure("h:25", stage, True, reply)).advice
