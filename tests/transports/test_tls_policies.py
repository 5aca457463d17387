"""How MTA-STS and DANE steer direct delivery, beyond the table of outcomes."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from delivery.mtasts.policy import Mode
from delivery.smtp.client.failure import Stage
from delivery.smtp.client.results import Outcome
from delivery.smtp.client.tls import load_trust
from delivery.tlsresults.outcome import ResultType
from delivery.transports.policies import DomainPolicy
from tests.transports.delivering import CAROL, Elsewhere, mail, trust_in
from tests.transports.policed import DOMAIN, HOST, Policed, sts
from tests.world.authority import Authority
from tests.world.chains import Chain, tlsa
from tests.world.smtp_peer import Ordinary, PeerSession


@pytest.fixture
def policed(elsewhere: Elsewhere, authority: Authority) -> Policed:
    elsewhere.trust = trust_in(authority.ca_file)
    elsewhere.domain(DOMAIN, f"10 {HOST}.")
    return Policed(elsewhere)


def test_hosts_that_the_policy_does_not_list_are_skipped(policed: Policed, authority: Authority) -> None:
    elsewhere = policed.elsewhere
    tls = authority.server("*.remote.example")
    first = elsewhere.server("a.remote.example", Ordinary(tls=tls), ip="127.0.0.2")
    second = elsewhere.server("b.remote.example", Ordinary(tls=tls), ip="127.0.0.3")
    elsewhere.domain(DOMAIN, "10 a.remote.example.", "20 b.remote.example.")
    policed.policies[DOMAIN] = sts(Mode.ENFORCE, "b.remote.example")
    result = policed.deliver(mail(CAROL))
    assert result.delivered
    assert (len(first.sessions), len(second.messages)) == (0, 1)
    connection = result.results[1, CAROL].connection
    assert connection is not None
    assert connection.policy == "mta-sts"
    assert policed.results() == [
        ("a.remote.example", "sts", "validation-failure"),
        ("b.remote.example", "sts", "success"),
    ]


def test_the_policy_is_that_of_the_recipient_s_domain_not_of_what_it_is_an_alias_of(
    policed: Policed, authority: Authority
) -> None:
    elsewhere = policed.elsewhere
    elsewhere.server(HOST, Ordinary(tls=authority.server("wrong.example")))
    elsewhere.dns.add("alias.example", {"CNAME": [f"{DOMAIN}."]})
    policed.policies[DOMAIN] = sts(Mode.ENFORCE)
    assert policed.deliver(mail("carol@alias.example")).delivered
    assert policed.asked == ["alias.example"]


def test_a_policy_that_can_t_be_known_is_temporary_unless_tls_does_not_matter(policed: Policed) -> None:
    server = policed.elsewhere.server(HOST, Ordinary())
    policed.policies[DOMAIN] = None
    result = policed.deliver(mail(CAROL)).results[1, CAROL]
    assert (result.outcome, result.stage) == (Outcome.TEMPORARY, Stage.RESOLVE)
    assert server.sessions == []
    assert policed.deliver(replace(mail(CAROL), tls_demand="optional")).delivered


def test_an_address_literal_has_no_policy_and_no_report(policed: Policed) -> None:
    policed.elsewhere.server(HOST, Ordinary())
    assert policed.deliver(mail("carol@[127.0.0.1]")).delivered
    assert (policed.asked, policed.reported) == ([], [])


def test_a_policy_that_could_not_be_fetched_is_reported(policed: Policed) -> None:
    policed.elsewhere.server(HOST, Ordinary())
    policed.policies[DOMAIN] = DomainPolicy(None, ResultType.STS_WEBPKI_INVALID, "certificate has expired")
    assert policed.deliver(mail(CAROL)).delivered
    assert policed.results() == [
        ("", "sts", "sts-webpki-invalid"),
        (HOST, "no-policy-found", "starttls-not-supported"),
    ]


@pytest.mark.parametrize(
    ("names", "result"), [((HOST,), "success"), (("wrong.example",), "certificate-host-mismatch")]
)
def test_without_policy_the_certificate_is_judged_and_reported_all_the_same(
    policed: Policed, authority: Authority, names: tuple[str, ...], result: str
) -> None:
    policed.elsewhere.server(HOST, Ordinary(tls=authority.server(*names)))
    delivered = policed.deliver(mail(CAROL))
    assert delivered.delivered
    connection = delivered.results[1, CAROL].connection
    assert connection is not None
    assert connection.policy == "opportunistic"
    assert policed.results() == [(HOST, "no-policy-found", result)]


def test_a_testing_policy_is_only_reported(policed: Policed, authority: Authority) -> None:
    policed.elsewhere.server(HOST, Ordinary(tls=authority.server("wrong.example")))
    policed.policies[DOMAIN] = sts(Mode.TESTING)
    assert policed.deliver(mail(CAROL)).delivered
    assert policed.results() == [(HOST, "sts", "certificate-host-mismatch")]


def test_an_unknown_authority_is_reported(policed: Policed, tmp_path: Path) -> None:
    policed.elsewhere.server(HOST, Ordinary(tls=Chain(tmp_path, HOST).server()))
    assert policed.deliver(mail(CAROL)).delivered
    assert policed.results() == [(HOST, "no-policy-found", "certificate-not-trusted")]


def test_a_client_that_is_turned_away_after_the_handshake_is_a_failed_session(
    policed: Policed, authority: Authority
) -> None:
    demanding = authority.server(HOST)
    demanding.verify_mode = ssl.CERT_REQUIRED
    demanding.load_verify_locations(authority.ca_file)
    policed.elsewhere.server(HOST, Ordinary(tls=demanding))
    assert policed.deliver(mail(CAROL)).delivered
    assert policed.results() == [(HOST, "no-policy-found", "validation-failure")]


def test_what_a_server_refuses_under_tls_is_no_matter_of_tls(policed: Policed, authority: Authority) -> None:
    def turning_away(peer: PeerSession) -> None:
        peer.send("220 hello")
        peer.expect("EHLO")
        peer.send("250-mx", "250 STARTTLS")
        peer.expect("STARTTLS")
        peer.send("220 go")
        peer.start_tls(authority.server(HOST))
        peer.expect("EHLO")
        peer.send("550 5.7.1 not you")
        peer.wait_for_close()

    policed.elsewhere.server(HOST, turning_away)
    result = policed.deliver(mail(CAROL)).results[1, CAROL]
    assert (result.outcome, result.stage) == (Outcome.PERMANENT, Stage.EHLO)
    assert policed.results() == [(HOST, "no-policy-found", "success")]


def test_dane_is_looked_up_at_the_end_of_the_host_s_aliases_first(policed: Policed, tmp_path: Path) -> None:
    chain = Chain(tmp_path, "real.example")
    seen: list[str | None] = []
    tls = chain.server()
    tls.sni_callback = lambda _socket, name, _context: seen.append(name)
    policed.elsewhere.server("real.example", Ordinary(tls=tls))
    policed.elsewhere.dns.add(HOST, {"CNAME": ["real.example."]})
    policed.secure("real.example")
    policed.associate(tlsa(chain.anchor, 2), host="real.example")
    result = policed.deliver(mail(CAROL))
    assert result.delivered
    connection = result.results[1, CAROL].connection
    assert connection is not None
    assert connection.tls is not None
    assert (connection.policy, connection.tls.verified) == ("dane", True)
    assert seen == ["real.example"]
    assert policed.results() == [(HOST, "tlsa", "success")]


def test_dane_is_looked_up_at_the_host_itself_when_there_is_none_at_its_alias(
    policed: Policed, tmp_path: Path
) -> None:
    policed.elsewhere.server("real.example", Ordinary(tls=Chain(tmp_path, "real.example").server()))
    policed.elsewhere.dns.add(HOST, {"CNAME": ["real.example."]})
    policed.secure("real.example")
    policed.associate(tlsa(Chain(tmp_path, HOST).leaf, 3))
    (result,) = policed.deliver(mail(CAROL)).results.values()
    assert (result.outcome, result.stage) == (Outcome.TEMPORARY, Stage.TLS)
    assert "TLSA" in result.reply.text
    assert policed.results() == [(HOST, "tlsa", "validation-failure")]


def test_the_records_may_be_behind_an_alias(policed: Policed, tmp_path: Path) -> None:
    chain = Chain(tmp_path, "any.example")
    policed.elsewhere.server(HOST, Ordinary(tls=chain.server()))
    policed.associate(tlsa(chain.leaf, 3), host="shared.example")
    port = policed.elsewhere.port
    policed.elsewhere.dns.add(f"_{port}._tcp.{HOST}", {"CNAME": [f"_{port}._tcp.shared.example."]})
    policed.secure(f"_{port}._tcp.{HOST}")
    result = policed.deliver(mail(CAROL))
    assert result.delivered
    assert policed.results() == [(HOST, "tlsa", "success")]


@pytest.mark.parametrize("insecure", [DOMAIN, HOST, "tlsa"])
def test_one_answer_without_dnssec_and_there_is_no_dane(
    policed: Policed, tmp_path: Path, insecure: str
) -> None:
    policed.elsewhere.server(HOST, Ordinary(tls=Chain(tmp_path, HOST).server()))
    policed.associate(tlsa(Chain(tmp_path, HOST).leaf, 3))
    name = f"_{policed.elsewhere.port}._tcp.{HOST}" if insecure == "tlsa" else insecure
    policed.elsewhere.dns.authentic.remove(name)
    result = policed.deliver(mail(CAROL))
    assert result.delivered
    assert policed.results() == [(HOST, "no-policy-found", "certificate-not-trusted")]


def test_a_certificate_of_the_domain_will_do_under_an_authority_that_dane_names(
    policed: Policed, tmp_path: Path
) -> None:
    chain = Chain(tmp_path, DOMAIN)
    policed.elsewhere.server(HOST, Ordinary(tls=chain.server()))
    policed.associate(tlsa(chain.authority, 2))
    assert policed.deliver(mail(CAROL)).delivered


def test_a_lookup_that_fails_is_reported(policed: Policed) -> None:
    server = policed.elsewhere.server(HOST, Ordinary())
    policed.secure()
    policed.elsewhere.dns.fail(f"_{policed.elsewhere.port}._tcp.{HOST}", "servfail")
    (result,) = policed.deliver(mail(CAROL)).results.values()
    assert (result.outcome, result.stage) == (Outcome.TEMPORARY, Stage.RESOLVE)
    assert policed.results() == [(HOST, "tlsa", "dnssec-invalid")]
    assert server.sessions == []


def test_records_that_mean_nothing_are_reported(policed: Policed, tmp_path: Path) -> None:
    chain = Chain(tmp_path, HOST)
    policed.elsewhere.server(HOST, Ordinary(tls=chain.server()))
    policed.associate(tlsa(chain.leaf, 1))
    result = policed.deliver(mail(CAROL))
    assert result.delivered
    connection = result.results[1, CAROL].connection
    assert connection is not None
    assert connection.policy == "dane"
    assert policed.results() == [(HOST, "tlsa", "tlsa-invalid")]


def test_both_policies_must_be_kept_and_both_are_reported(policed: Policed, tmp_path: Path) -> None:
    chain = Chain(tmp_path, HOST)
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(chain.anchor.public_bytes(Encoding.PEM))
    policed.elsewhere.trust = load_trust(trusted)
    policed.elsewhere.server(HOST, Ordinary(tls=chain.server()))
    policed.associate(tlsa(chain.leaf, 3))
    policed.policies[DOMAIN] = sts(Mode.ENFORCE)
    result = policed.deliver(mail(CAROL))
    assert result.delivered
    connection = result.results[1, CAROL].connection
    assert connection is not None
    assert connection.policy == "mta-sts+dane"
    assert policed.results() == [(HOST, "sts", "success"), (HOST, "tlsa", "success")]
