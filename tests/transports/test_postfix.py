"""Against a real Postfix: as mail server of a domain, and as relay with login over TLS."""

from collections.abc import Iterator

import pytest

from delivery.smtp.client.failure import Stage
from delivery.smtp.client.results import Outcome
from tests.transports.delivering import CAROL, DAVE, Elsewhere, mail, trust_in
from tests.world.authority import Authority
from tests.world.postfix import Postfix, require_postfix

pytestmark = pytest.mark.external

RELAY = "relay.example"
PASSWORD = "geheim = 1,2"


@pytest.fixture(scope="module")
def postfix(authority: Authority) -> Iterator[Postfix]:
    require_postfix(login=True)
    with Postfix(
        certificate=authority.files(RELAY, "remote.example"),
        logins={"me": PASSWORD},
        refused={DAVE: "550 5.1.1 no Dave here"},
    ) as running:
        yield running


@pytest.fixture
def world(elsewhere: Elsewhere, authority: Authority) -> Elsewhere:
    elsewhere.trust = trust_in(authority.ca_file)
    for name in (RELAY, "mx.remote.example"):
        elsewhere.dns.add(name, {"A": ["127.0.0.1"]})
    elsewhere.domain("remote.example", "10 mx.remote.example.")
    return elsewhere


def body_of(message: bytes) -> bytes:
    return message.partition(b"\n\n")[2]


def test_it_is_reached_as_mail_server_of_its_domain_over_tls(world: Elsewhere, postfix: Postfix) -> None:
    world.port = postfix.smtp_port
    before = len(postfix.messages(0))
    one = mail(CAROL, DAVE, content=b"Subject: direct\r\n\r\n.dots\r\n..\r\n.\r\nend\r\n")
    carol, dave = world.deliver(one).of(one)
    assert (carol.outcome, dave.outcome) == (Outcome.DELIVERED, Outcome.PERMANENT)
    assert str(dave.reply).startswith("550 5.1.1")
    assert "no Dave here" in dave.reply.text
    assert carol.connection is not None
    assert carol.connection.tls is not None
    assert carol.connection.tls.version == "TLSv1.3"
    assert body_of(postfix.messages(before + 1)[-1]) == b".dots\n..\n.\nend\n"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@pytest.mark.parametrize("kind", ["submission", "submissions"])
def test_it_takes_mail_as_relay_after_each_login(
    world: Elsewhere, postfix: Postfix, kind: str, mechanism: str
) -> None:
    port = postfix.submission_port if kind == "submission" else postfix.submissions_port
    settings = {
        "host": RELAY,
        "port": port,
        "username": "me@postfix.test",
        "password": PASSWORD,
        "mechanisms": [mechanism],
    }
    before = len(postfix.messages(0))
    one = mail(CAROL, content=f"Subject: {mechanism}\r\n\r\nrelayed\r\n".encode())
    (result,) = world.deliver(one, kind=kind, settings=settings).of(one)
    assert result.outcome is Outcome.DELIVERED, result
    assert result.connection is not None
    assert result.connection.mechanism == mechanism
    assert b"relayed" in postfix.messages(before + 1)[-1]


def test_a_wrong_password_is_temporary(world: Elsewhere, postfix: Postfix) -> None:
    settings = {"host": RELAY, "port": postfix.submission_port, "username": "me", "password": "wrong"}
    one = mail(CAROL)
    (result,) = world.deliver(one, kind="submission", settings=settings).of(one)
    assert (result.outcome, result.stage, result.reply.code) == (Outcome.TEMPORARY, Stage.AUTH, 535)


def test_without_login_the_relay_refuses_the_mail(world: Elsewhere, postfix: Postfix) -> None:
    settings = {"host": RELAY, "port": postfix.submission_port}
    one = mail(CAROL)
    (result,) = world.deliver(one, kind="submission", settings=settings).of(one)
    assert (result.outcome, result.remote) == (Outcome.PERMANENT, True)
    assert postfix.log


def test_a_relay_that_is_not_who_it_should_be_gets_nothing(world: Elsewhere, postfix: Postfix) -> None:
    world.dns.add("impostor.example", {"A": ["127.0.0.1"]})
    settings = {"host": "impostor.example", "port": postfix.submissions_port}
    one = mail(CAROL)
    (result,) = world.deliver(one, kind="submissions", settings=settings).of(one)
    assert (result.outcome, result.stage) == (Outcome.TEMPORARY, Stage.TLS)


def test_an_internationalised_recipient_is_reached(world: Elsewhere, postfix: Postfix) -> None:
    world.port = postfix.smtp_port
    before = len(postfix.messages(0))
    one = mail("çarol@remote.example", content="Subject: Grüße\r\n\r\nä\r\n".encode(), eight_bit=True)
    (result,) = world.deliver(one).of(one)
    assert result.outcome is Outcome.DELIVERED, result
    assert "Grüße".encode() in postfix.messages(before + 1)[-1]


def test_many_mails_over_one_connection_all_arrive_unaltered(world: Elsewhere, postfix: Postfix) -> None:
    world.port = postfix.smtp_port
    before = len(postfix.messages(0))
    bodies = [b"%d\r\n" % number + b"." * number + b"\r\n" for number in range(30)]
    mails = [mail(CAROL, key=number, content=b"\r\n" + body) for number, body in enumerate(bodies)]
    result = world.deliver(*mails)
    assert result.delivered
    assert len(result.tries) == 1
    arrived = {body_of(message) for message in postfix.messages(before + 30)}
    assert {body.replace(b"\r\n", b"\n") for body in bodies} <= arrived
