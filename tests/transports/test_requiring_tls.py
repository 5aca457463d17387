"""REQUIRETLS: when it fails for good, when for now, and what relays do."""

from dataclasses import replace

import pytest

from delivery.mtasts.policy import Mode
from delivery.smtp.client.results import Outcome
from delivery.transports.group import Mail
from tests.transports.delivering import CAROL, DAVE, Elsewhere, mail, trust_in
from tests.transports.policed import DOMAIN, Policed, sts
from tests.world.authority import Authority
from tests.world.smtp_peer import PLAIN_EXTENSIONS, Ordinary

KNOWING = (*PLAIN_EXTENSIONS, "REQUIRETLS")


def demanding(*recipients: str) -> Mail:
    return replace(mail(*recipients), tls_demand="required")


@pytest.fixture
def policed(elsewhere: Elsewhere, authority: Authority) -> Policed:
    """Both hosts of the domain are secured by MTA-STS."""
    elsewhere.trust = trust_in(authority.ca_file)
    elsewhere.domain(DOMAIN, "10 a.remote.example.", "20 b.remote.example.")
    return Policed(elsewhere, {DOMAIN: sts(Mode.ENFORCE, "*.remote.example")})


def test_a_host_that_knows_it_gets_the_message_after_one_that_does_not(
    policed: Policed, authority: Authority
) -> None:
    tls = authority.server("*.remote.example")
    first = policed.elsewhere.server("a.remote.example", Ordinary(tls=tls), ip="127.0.0.2")
    second = policed.elsewhere.server(
        "b.remote.example", Ordinary(tls=tls, extensions=KNOWING), ip="127.0.0.3"
    )
    assert policed.deliver(demanding(CAROL)).delivered
    assert not any(line.startswith("MAIL") for line in first.lines)
    assert any(line.endswith(" REQUIRETLS") for line in second.lines)


def test_it_fails_for_good_when_no_host_knows_it(policed: Policed, authority: Authority) -> None:
    tls = authority.server("*.remote.example")
    for host, ip in (("a.remote.example", "127.0.0.2"), ("b.remote.example", "127.0.0.3")):
        policed.elsewhere.server(host, Ordinary(tls=tls), ip=ip)
    result = policed.deliver(demanding(CAROL, DAVE))
    for each in result.results.values():
        assert (each.outcome, str(each.reply)[:10], each.remote) == (Outcome.PERMANENT, "554 5.7.30", False)


@pytest.mark.parametrize("unreachable", ["a.remote.example", "b.remote.example"])
def test_it_is_tried_again_when_a_host_could_not_be_asked(
    policed: Policed, authority: Authority, unreachable: str
) -> None:
    other = "ab".replace(unreachable[0], "") + ".remote.example"
    policed.elsewhere.server(other, Ordinary(tls=authority.server("*.remote.example")))
    policed.elsewhere.dns.add(unreachable, {"A": ["127.0.0.99"]})
    result = policed.deliver(demanding(CAROL)).results[1, CAROL]
    assert result.outcome is Outcome.TEMPORARY
    assert 400 <= result.reply.code < 500


def test_without_policy_nobody_is_dialled(elsewhere: Elsewhere) -> None:
    server = elsewhere.server(DOMAIN, Ordinary(extensions=KNOWING))
    result = Policed(elsewhere).deliver(demanding(CAROL))
    (only,) = result.results.values()
    assert (only.outcome, only.reply.enhanced) == (Outcome.PERMANENT, "5.7.30")
    assert server.sessions == []
    assert [(each.host, each.ip) for each in result.tries] == [(DOMAIN, "")]


def test_an_address_literal_is_never_secured(elsewhere: Elsewhere) -> None:
    elsewhere.server("unused.example", Ordinary(extensions=KNOWING))
    result = Policed(elsewhere).deliver(demanding("carol@[127.0.0.1]"))
    assert [each.outcome for each in result.results.values()] == [Outcome.PERMANENT]


@pytest.mark.parametrize("settings", [{"no_starttls": True}, {"tls_skip_verify": True}])
def test_a_relay_that_is_not_verified_is_not_even_dialled(
    elsewhere: Elsewhere, settings: dict[str, object]
) -> None:
    relay = elsewhere.server("relay.example", Ordinary(extensions=KNOWING))
    hosts = {"hosts": [f"relay.example:{relay.port}"], **settings}
    (result,) = elsewhere.deliver(demanding(CAROL), kind="smtp", settings=hosts).results.values()
    assert (result.outcome, str(result.reply)[:10]) == (Outcome.PERMANENT, "554 5.7.30")
    assert relay.sessions == []


@pytest.mark.parametrize(("extensions", "taken"), [(KNOWING, True), (PLAIN_EXTENSIONS, False)])
def test_a_verified_relay_gets_the_demand_or_has_the_message_wait(
    elsewhere: Elsewhere, authority: Authority, extensions: tuple[str, ...], taken: bool
) -> None:
    elsewhere.trust = trust_in(authority.ca_file)
    relay = elsewhere.server(
        "relay.example", Ordinary(extensions=extensions, tls=authority.server("relay.example"))
    )
    hosts = {"hosts": [f"relay.example:{relay.port}"]}
    (result,) = elsewhere.deliver(demanding(CAROL), kind="smtp", settings=hosts).results.values()
    assert result.outcome is (Outcome.DELIVERED if taken else Outcome.TEMPORARY)
    assert any(line.endswith(" REQUIRETLS") for line in relay.lines) is taken
