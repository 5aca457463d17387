"""Sessions that stay open after a group, for the next one to the same next hop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from delivery.engine import Engine
from delivery.smtp.client.results import Outcome
from delivery.transports.connections import ConnectionCache, Limits
from delivery.transports.group import DeliveryContext, Group, GroupResult, Mail
from delivery.transports.kinds import kind_named
from tests.transports.delivering import CAROL, DAVE, OTHER, SHORT, Elsewhere, mail
from tests.world.smtp_peer import PLAIN_EXTENSIONS, Ordinary, PeerSession, Script, SmtpPeer
from tests.world.waiting import wait_until

RELAY = "relay.example"


@pytest.fixture
def relays(elsewhere: Elsewhere) -> Elsewhere:
    elsewhere.connections = ConnectionCache()
    return elsewhere


def one_after_the_other(
    relays: Elsewhere,
    *groups: Sequence[Mail] | Callable[[], Awaitable[None]],
    settings: Sequence[Mapping[str, object]] = ({},),
    kind: str = "submission",
) -> list[GroupResult]:
    """Deliver the groups in turn over one loop; what is no group happens between them."""

    async def deliver() -> list[GroupResult]:
        results: list[GroupResult] = []
        for group in groups:
            if callable(group):
                await group()
                continue
            given = settings[min(len(results), len(settings) - 1)]
            if kind != "direct":
                given = {"host": RELAY, "port": relays.port, "no_starttls": True, **given}
            results.append(await relays.deliver_async(group, kind, given))
        assert relays.connections is not None
        await relays.connections.close(5)
        return results

    return asyncio.run(deliver())


def test_the_next_group_goes_over_the_session_that_is_open(relays: Elsewhere) -> None:
    server = relays.server(RELAY, Ordinary())
    first, second = one_after_the_other(relays, [mail(CAROL)], [mail(DAVE, key=2)])
    assert first.delivered
    assert second.delivered
    assert [len(session.messages) for session in server.sessions] == [2]
    assert "RSET" not in server.lines
    assert server.lines[-1] == "QUIT"
    assert [host_try.reused for host_try in first.tries + second.tries] == [False, True]


def test_the_facts_of_an_open_session_are_those_of_its_server(relays: Elsewhere) -> None:
    relays.server(RELAY, Ordinary())
    first, second = one_after_the_other(relays, [mail(CAROL)], [mail(DAVE, key=2)])
    before, after = first.results[1, CAROL].connection, second.results[2, DAVE].connection
    assert before is not None
    assert after is not None
    assert after == replace(before, connect_seconds=0.0, setup_seconds=0.0, reused=True)
    assert not before.reused
    assert (second.tries[0].host, second.tries[0].ip, second.tries[0].failure) == (RELAY, "127.0.0.1", None)


def test_after_a_refused_transaction_the_next_group_begins_with_a_reset(relays: Elsewhere) -> None:
    server = relays.server(RELAY, Ordinary(rcpt={CAROL: "550 5.1.1 no"}))
    _, second = one_after_the_other(relays, [mail(CAROL)], [mail(DAVE, key=2)])
    assert second.delivered
    assert len(server.sessions) == 1
    assert server.lines.count("RSET") == 1


def unlike_the_first(first: Script, rest: Script) -> Script:
    """A server whose first session goes by another script."""
    met: list[PeerSession] = []

    def script(peer: PeerSession) -> None:
        met.append(peer)
        (first if len(met) == 1 else rest)(peer)

    return script


class ForOneMail(Ordinary):
    """Says goodbye, or nothing, when the second mail begins, or before."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    def _take_message(self, peer: PeerSession, accepted: int) -> None:
        super()._take_message(peer, accepted)
        match self.how:
            case "closes":
                peer.close()
            case "says that it closes":
                peer.send("421 4.4.2 idle for too long")
            case "closes at the next command":
                peer.read_line()
                peer.close()
            case "resets at the next command":
                peer.read_line()
                peer.reset()
            case "refuses the next command":
                peer.read_line()
                peer.send("421 4.3.2 closing")
                peer.close()


@pytest.mark.parametrize(
    "how",
    [
        "closes",
        "says that it closes",
        "closes at the next command",
        "resets at the next command",
        "refuses the next command",
    ],
)
@pytest.mark.parametrize("extensions", [PLAIN_EXTENSIONS, PLAIN_EXTENSIONS[1:]])
def test_a_session_that_the_server_ended_meanwhile_is_no_failure(
    relays: Elsewhere, how: str, extensions: tuple[str, ...]
) -> None:
    first = ForOneMail(how)
    first.extensions = extensions
    server = relays.server(RELAY, unlike_the_first(first, Ordinary()))
    _, second = one_after_the_other(relays, [mail(CAROL)], [mail(DAVE, key=2)])
    assert second.delivered
    assert [(each.failure, each.reused) for each in second.tries] == [(None, False)]
    assert [len(session.messages) for session in server.sessions] == [1, 1]


def test_a_message_that_the_server_may_have_taken_is_not_sent_again(relays: Elsewhere) -> None:
    class TakesTheSecond(Ordinary):
        def _take_message(self, peer: PeerSession, accepted: int) -> None:
            if peer.messages:
                peer.send("354 go ahead")
                peer.read_message()
                peer.close()
            else:
                super()._take_message(peer, accepted)

    server = relays.server(RELAY, TakesTheSecond())
    _, second = one_after_the_other(relays, [mail(CAROL)], [mail(DAVE, key=2)])
    assert second.results[2, DAVE].outcome is Outcome.TEMPORARY
    assert len(server.sessions) == 1


def test_a_recipient_refused_in_an_open_session_stays_refused(relays: Elsewhere) -> None:
    server = relays.server(RELAY, Ordinary(rcpt={DAVE: "550 5.1.1 no"}))
    _, second = one_after_the_other(relays, [mail(CAROL)], [mail(DAVE, key=2)])
    assert second.results[2, DAVE].outcome is Outcome.PERMANENT
    assert len(server.sessions) == 1


@pytest.mark.parametrize(
    "changed",
    [{"username": "me", "password": "other"}, {"username": "you"}, {"mechanisms": ["LOGIN"]}],
)
def test_another_login_needs_a_session_of_its_own(relays: Elsewhere, changed: dict[str, object]) -> None:
    login = {"me": "secret"}
    server = relays.server(RELAY, Ordinary(login=login))
    before = {"username": "me", "password": "secret", "mechanisms": ["PLAIN"]}
    one_after_the_other(relays, [mail(CAROL)], [mail(DAVE, key=2)], settings=[before, {**before, **changed}])
    assert len(server.sessions) == 2


def test_direct_delivery_shares_sessions_within_a_domain_only(relays: Elsewhere) -> None:
    server = relays.server("mx.remote.example", Ordinary())
    relays.domain("remote.example", "10 mx.remote.example.")
    relays.domain("other.example", "10 mx.remote.example.")
    groups = [[mail(CAROL)], [mail(OTHER, key=2)], [mail(DAVE, key=3)]]
    results = one_after_the_other(relays, *groups, kind="direct")
    assert all(result.delivered for result in results)
    assert [len(session.messages) for session in server.sessions] == [2, 1]


@pytest.mark.parametrize(
    ("limits", "extensions"),
    [
        (Limits(transactions=2), ()),
        (Limits(), ("LIMITS MAILMAX=2",)),
    ],
)
def test_a_session_takes_a_limited_number_of_messages(
    relays: Elsewhere, limits: Limits, extensions: tuple[str, ...]
) -> None:
    relays.connections = ConnectionCache(limits)
    server = relays.server(RELAY, Ordinary(extensions=(*PLAIN_EXTENSIONS, *extensions)))
    one_after_the_other(relays, *([mail(CAROL, key=key)] for key in range(5)))
    assert [len(session.messages) for session in server.sessions] == [2, 2, 1]


def test_an_old_session_is_ended(relays: Elsewhere) -> None:
    relays.connections = ConnectionCache(Limits(age=0.0))
    server = relays.server(RELAY, Ordinary())
    one_after_the_other(relays, [mail(CAROL)], [mail(DAVE, key=2)])
    wait_until(lambda: server.lines.count("QUIT") == 2, "a goodbye in each session")


def test_an_idle_session_ends_with_quit(relays: Elsewhere) -> None:
    relays.connections = cache = ConnectionCache(Limits(idle=0.05))
    server = relays.server(RELAY, Ordinary())

    async def until_it_ended() -> None:
        assert cache.kept == 1
        await asyncio.to_thread(wait_until, lambda: server.lines[-1] == "QUIT", "a goodbye")
        assert cache.kept == 0

    one_after_the_other(relays, [mail(CAROL)], until_it_ended)


def test_no_more_idle_sessions_are_kept_than_allowed(relays: Elsewhere) -> None:
    relays.connections = cache = ConnectionCache(Limits(kept_at_one=2, kept=3))
    relays.server(RELAY, Ordinary())
    relays.server("remote.example", Ordinary(), ip="127.0.0.2")

    async def all_at_once() -> None:
        settings = {"host": RELAY, "port": relays.port, "no_starttls": True}
        await asyncio.gather(
            *(relays.deliver_async([mail(CAROL, key=key)], "submission", settings) for key in range(5))
        )
        assert cache.kept == 2
        await asyncio.gather(*(relays.deliver_async([mail(DAVE)], "direct", {}) for _ in range(5)))
        assert cache.kept == 3

    one_after_the_other(relays, all_at_once)
    assert cache.kept == 0


def test_a_message_that_asks_for_the_other_family_gets_a_session_of_its_own(relays: Elsewhere) -> None:
    four = relays.server("remote.example", Ordinary())
    six = relays.server("remote.example", Ordinary(), ip="::1")
    to_six = replace(mail(CAROL), attempt=2, earlier={"remote.example": ["127.0.0.1"]})
    to_four = replace(mail(DAVE, key=2), attempt=2, earlier={"remote.example": ["::1"]})
    to_any = mail(CAROL, key=3)
    one_after_the_other(relays, [to_six], [to_four], [to_any], kind="direct")
    assert (len(four.sessions), len(six.sessions)) == (1, 1)
    assert (len(four.messages), len(six.messages)) == (2, 1)


def test_the_engine_says_goodbye_when_it_stops(elsewhere: Elsewhere) -> None:
    server: SmtpPeer = elsewhere.server("remote.example", Ordinary())
    with Engine(nameserver=elsewhere.dns.address) as engine:
        context = DeliveryContext(
            engine.resolver,
            engine.trust,
            "mail.example.org",
            remote_port=elsewhere.port,
            timeouts=SHORT,
            connections=engine.connections,
        )
        kind = kind_named("")
        engine.run(kind.deliver(kind.read({}), Group((mail(CAROL),)), context), 20)
        assert engine.connections.kept == 1
    assert server.lines[-1] == "QUIT"
