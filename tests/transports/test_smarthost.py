"""Relays: encryption as demanded, login, hosts in order, and nothing permanent before MAIL."""

import asyncio
import ssl
from collections.abc import Mapping

import pytest

from delivery.smtp.client.failure import Stage
from delivery.smtp.client.results import Outcome, RecipientResult
from delivery.transports import smtp
from delivery.transports.group import Group, GroupResult
from tests.transports.delivering import CAROL, DAVE, OTHER, Elsewhere, mail, trust_in
from tests.world.authority import Authority
from tests.world.smtp_peer import Ordinary, PeerSession, Script, SmtpPeer

D, T, P = Outcome.DELIVERED, Outcome.TEMPORARY, Outcome.PERMANENT
RELAY = "relay.example"


@pytest.fixture
def relays(elsewhere: Elsewhere, authority: Authority) -> Elsewhere:
    elsewhere.trust = trust_in(authority.ca_file)
    return elsewhere


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> ssl.SSLContext:
    return authority.server(RELAY)


def through(
    relays: Elsewhere,
    script: Script,
    kind: str,
    settings: Mapping[str, object] | None = None,
    *,
    tls: ssl.SSLContext | None = None,
) -> tuple[SmtpPeer, RecipientResult]:
    server = relays.server(RELAY, script, tls=tls)
    wanted = {"host": RELAY, "port": server.port, **(settings or {})}
    return server, relays.deliver(mail(CAROL), kind=kind, settings=wanted).results[1, CAROL]


@pytest.mark.parametrize("kind", ["smtp", "submission"])
def test_mail_leaves_over_verified_starttls(
    relays: Elsewhere, certificate: ssl.SSLContext, kind: str
) -> None:
    server, result = through(relays, Ordinary(tls=certificate), kind)
    assert result.outcome is D
    assert result.connection is not None
    assert result.connection.tls is not None
    assert result.connection.tls.verified
    assert len(server.messages) == 1


def test_mail_leaves_over_immediate_tls(relays: Elsewhere, certificate: ssl.SSLContext) -> None:
    _, result = through(relays, Ordinary(), "submissions", tls=certificate)
    assert result.outcome is D


def test_without_starttls_nothing_is_sent(relays: Elsewhere) -> None:
    server, result = through(
        relays, Ordinary(starttls="502 5.5.1 not here"), "submission", {"username": "me"}
    )
    assert (result.outcome, result.stage, result.reply.code) == (T, Stage.STARTTLS, 502)
    assert result.connection is not None
    assert result.connection.policy == "required"
    assert not any(line.startswith(("AUTH", "MAIL")) for line in server.lines)


def test_starttls_can_be_switched_off(relays: Elsewhere, certificate: ssl.SSLContext) -> None:
    server, result = through(relays, Ordinary(tls=certificate), "submission", {"no_starttls": True})
    assert result.outcome is D
    assert "STARTTLS" not in server.lines


@pytest.mark.parametrize("flags", [{"tls_skip_verify": True}, {"tls_skip_verify": True, "no_starttls": True}])
def test_verification_can_be_switched_off_and_encryption_stays(
    relays: Elsewhere, authority: Authority, flags: dict[str, object]
) -> None:
    _, result = through(relays, Ordinary(tls=authority.server("wrong.example")), "submission", flags)
    assert result.outcome is D
    assert result.connection is not None
    assert result.connection.tls is not None
    assert not result.connection.tls.verified


@pytest.mark.parametrize("kind", ["submission", "submissions"])
def test_a_certificate_for_another_host_is_temporary(
    relays: Elsewhere, authority: Authority, kind: str
) -> None:
    wrong = authority.server("wrong.example")
    immediate = kind == "submissions"
    _, result = through(
        relays, Ordinary(tls=None if immediate else wrong), kind, tls=wrong if immediate else None
    )
    assert (result.outcome, result.stage) == (T, Stage.TLS)


def test_login_comes_after_encryption(relays: Elsewhere, certificate: ssl.SSLContext) -> None:
    rules = Ordinary(tls=certificate, login={"me": "secret"})
    server, result = through(relays, rules, "submission", {"username": "me", "password": "secret"})
    assert result.outcome is D
    assert result.connection is not None
    assert result.connection.mechanism == "PLAIN"
    verbs = [line.split()[0] for line in server.lines]
    assert verbs[:5] == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL"]


def test_a_wrong_password_is_temporary_and_keeps_the_reply(
    relays: Elsewhere, certificate: ssl.SSLContext
) -> None:
    rules = Ordinary(tls=certificate, login={"me": "secret"})
    server, result = through(relays, rules, "submission", {"username": "me", "password": "wrong"})
    assert (result.outcome, result.stage, result.remote) == (T, Stage.AUTH, True)
    assert str(result.reply) == "535 5.7.8 wrong user name or password"
    assert not any(line.startswith("MAIL") for line in server.lines)


@pytest.mark.parametrize(
    "login", [None, {"me": "secret"}], ids=["server without login", "password in clear text"]
)
def test_a_login_that_is_not_possible_is_temporary(relays: Elsewhere, login: dict[str, str] | None) -> None:
    _, result = through(
        relays, Ordinary(login=login), "smtp", {"no_starttls": True, "username": "me", "password": "secret"}
    )
    assert (result.outcome, result.stage) == (T, Stage.AUTH)


def test_a_password_in_clear_text_is_sent_when_named(relays: Elsewhere) -> None:
    settings = {"no_starttls": True, "username": "me", "password": "secret", "mechanisms": ["PLAIN"]}
    _, result = through(relays, Ordinary(login={"me": "secret"}), "smtp", settings)
    assert result.outcome is D


@pytest.mark.parametrize("greeting", ["421 busy", "554 go away"])
def test_whatever_goes_wrong_before_mail_is_temporary(relays: Elsewhere, greeting: str) -> None:
    _, result = through(relays, Ordinary(greeting=greeting), "smtp")
    assert (result.outcome, result.stage) == (T, Stage.GREETING)


class RefusesFirst:
    """A server that greets so many connections with a refusal, and takes mail over the next ones."""

    def __init__(self, refused: int, greeting: str) -> None:
        self._left = refused
        self._greeting = greeting

    def __call__(self, peer: PeerSession) -> None:
        self._left -= 1
        Ordinary(self._greeting if self._left >= 0 else Ordinary.greeting)(peer)


def test_one_refused_connection_puts_off_no_mail_of_the_group(relays: Elsewhere) -> None:
    server = relays.server(RELAY, RefusesFirst(1, "421 4.3.2 busy"))
    settings = {"host": RELAY, "port": server.port, "no_starttls": True}
    group = relays.deliver(mail(CAROL), mail(DAVE, key=2), kind="smtp", settings=settings)
    assert group.delivered
    assert len(server.sessions) == 2
    assert [each.failure is None for each in group.tries] == [False, True], "the timeline shows both"


@pytest.mark.parametrize(("greeting", "sessions"), [("421 4.3.2 busy", 2), ("554 5.3.2 no service here", 1)])
def test_a_relay_is_asked_once_more_at_the_most_and_not_after_a_final_no(
    relays: Elsewhere, greeting: str, sessions: int
) -> None:
    server, result = through(relays, RefusesFirst(9, greeting), "smtp", {"no_starttls": True})
    assert result.outcome is T
    assert len(server.sessions) == sessions


def test_a_failed_login_is_not_repeated(relays: Elsewhere, certificate: ssl.SSLContext) -> None:
    settings = {"username": "me", "password": "wrong"}
    script = Ordinary(tls=certificate, login={"me": "secret"})
    server, result = through(relays, script, "submission", settings)
    assert (result.outcome, result.stage) == (T, Stage.AUTH)
    assert len(server.sessions) == 1


def test_of_several_hosts_only_the_last_is_asked_once_more(relays: Elsewhere) -> None:
    busy = Ordinary("421 4.3.2 busy")
    first, second = relays.server("a.example", busy), relays.server("b.example", busy, ip="127.0.0.2")
    hosts = [f"a.example:{first.port}", f"b.example:{second.port}"]
    relays.deliver(mail(CAROL), kind="smtp", settings={"hosts": hosts, "no_starttls": True})
    assert (len(first.sessions), len(second.sessions)) == (1, 2)


def test_what_the_relay_says_about_the_mail_counts(relays: Elsewhere) -> None:
    _, result = through(relays, Ordinary(mail="550 5.7.1 not from you"), "smtp", {"no_starttls": True})
    assert (result.outcome, result.stage) == (P, Stage.MAIL)


def test_recipients_of_all_domains_go_in_one_transaction(relays: Elsewhere) -> None:
    server = relays.server(RELAY, Ordinary(rcpt={DAVE: "550 5.1.1 no Dave"}))
    wanted = {"host": RELAY, "port": server.port, "no_starttls": True}
    one = mail(CAROL, DAVE, OTHER)
    result = relays.deliver(one, kind="smtp", settings=wanted)
    assert [each.outcome for each in result.of(one)] == [D, P, D]
    assert len(server.messages) == 1


@pytest.mark.parametrize("code", ["452 4.5.3", "552 5.5.3"])
def test_recipients_that_were_too_many_follow_on_the_same_connection(relays: Elsewhere, code: str) -> None:
    class TwoAtATime(Ordinary):
        def _recipient_reply(self, rest: str) -> str:
            self.count = 0 if rest.startswith("TO:<r0@") else getattr(self, "count", 0)
            self.count += 1
            return "250 ok" if self.count % 3 else f"{code} too many"

    server = relays.server(RELAY, TwoAtATime(extensions=("ENHANCEDSTATUSCODES",)))
    wanted = {"host": RELAY, "port": server.port, "no_starttls": True}
    one = mail(*(f"r{number}@remote.example" for number in range(6)))
    assert relays.deliver(one, kind="smtp", settings=wanted).delivered
    assert len(server.sessions) == 1
    assert len(server.messages) == 3


def test_every_transaction_counts_where_a_connection_takes_a_limited_number(relays: Elsewhere) -> None:
    server = relays.server(RELAY, Ordinary(extensions=("PIPELINING", "LIMITS RCPTMAX=2 MAILMAX=2")))
    wanted = {"host": RELAY, "port": server.port, "no_starttls": True}
    one = mail(*(f"r{number}@remote.example" for number in range(5)), key=1)
    assert relays.deliver(one, mail(CAROL, key=2), kind="smtp", settings=wanted).delivered
    assert [len(session.messages) for session in server.sessions] == [2, 2]


def test_internationalised_mail_is_refused_where_the_relay_can_t_take_it(relays: Elsewhere) -> None:
    server = relays.server(RELAY, Ordinary(extensions=("8BITMIME",)))
    wanted = {"host": RELAY, "port": server.port, "no_starttls": True}
    one = mail(CAROL, smtputf8=True)
    (result,) = relays.deliver(one, kind="smtp", settings=wanted).of(one)
    assert (result.outcome, result.remote, result.reply.enhanced) == (P, False, "5.6.7")
    assert "SMTPUTF8" in result.reply.text


def test_eight_bit_content_needs_a_relay_that_takes_it(relays: Elsewhere) -> None:
    server = relays.server(RELAY, Ordinary(extensions=()))
    wanted = {"host": RELAY, "port": server.port, "no_starttls": True}
    one = mail(CAROL, content=b"\xff\r\n", eight_bit=True)
    (result,) = relays.deliver(one, kind="smtp", settings=wanted).of(one)
    assert (result.outcome, result.remote, result.reply.enhanced) == (P, False, "5.6.3")


def test_internationalised_mail_asks_for_smtputf8(relays: Elsewhere) -> None:
    server = relays.server(RELAY, Ordinary())
    wanted = {"host": RELAY, "port": server.port, "no_starttls": True}
    assert relays.deliver(mail(CAROL, smtputf8=True), kind="smtp", settings=wanted).delivered
    assert any(line.startswith("MAIL") and "SMTPUTF8" in line for line in server.lines)


def test_the_second_host_takes_over_when_the_first_is_out_of_order(relays: Elsewhere) -> None:
    first = relays.server("a.relay.example", Ordinary(greeting="554 closed"), ip="127.0.0.2")
    second = relays.server("b.relay.example", Ordinary(), ip="127.0.0.3")
    hosts = [f"a.relay.example:{first.port}", "b.relay.example"]
    wanted = {"hosts": hosts, "port": second.port, "no_starttls": True}
    result = relays.deliver(mail(CAROL), kind="smtp", settings=wanted)
    assert result.delivered
    assert [each.host for each in result.tries] == ["a.relay.example", "b.relay.example"]
    assert result.tries[0].ip == "127.0.0.2"


def test_a_host_that_took_no_mail_is_asked_last_for_a_while(relays: Elsewhere) -> None:
    first = relays.server("a.relay.example", Ordinary(greeting="421 busy"), ip="127.0.0.2")
    relays.server("b.relay.example", Ordinary(), ip="127.0.0.3")
    hosts = ["a.relay.example", "b.relay.example"]
    settings = smtp.KIND.read({"hosts": hosts, "port": first.port, "no_starttls": True})

    async def twice() -> list[GroupResult]:
        mails = [mail(CAROL, key=1), mail(CAROL, key=2)]
        return [await smtp.KIND.deliver(settings, Group((one,)), relays.context()) for one in mails]

    results = asyncio.run(twice())
    tried = [[each.host for each in result.tries] for result in results]
    assert tried == [hosts, ["b.relay.example"]]


@pytest.mark.parametrize(
    ("script", "login", "stage"),
    [
        (Ordinary(starttls="454 4.7.0 not now"), {}, Stage.STARTTLS),
        (Ordinary(starttls="554 5.7.0 never"), {}, Stage.STARTTLS),
        (Ordinary(login={}), {"username": "me", "password": "x", "mechanisms": ["CRAM-MD5"]}, Stage.AUTH),
        (Ordinary(login={}), {"username": "me", "password": "x", "mechanisms": ["PLAIN"]}, Stage.AUTH),
    ],
)
def test_nothing_is_settled_by_what_goes_wrong_before_mail(
    relays: Elsewhere, script: Ordinary, login: dict[str, object], stage: Stage
) -> None:
    clear_text = {"no_starttls": True} if login else {}
    _, result = through(relays, script, "submission", {**login, **clear_text})
    assert (result.outcome, result.stage) == (T, stage)
    assert relays.settled == []


def test_a_relay_that_can_t_be_found_is_temporary(relays: Elsewhere) -> None:
    one = mail(CAROL)
    (result,) = relays.deliver(one, kind="smtp", settings={"host": "nowhere.example"}).of(one)
    assert (result.outcome, result.stage) == (T, Stage.RESOLVE)


def test_a_relay_on_this_machine_needs_no_dns(relays: Elsewhere) -> None:
    server = relays.server("unused.example", Ordinary())
    wanted = {"host": "localhost", "port": server.port, "no_starttls": True}
    assert relays.deliver(mail(CAROL), kind="smtp", settings=wanted).delivered
