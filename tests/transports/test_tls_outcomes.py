"""The table in docs/tls.md is what happens."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from delivery.mtasts.policy import Mode
from delivery.smtp.client.results import Outcome, RecipientResult
from delivery.smtp.client.tls import Trust, load_trust
from delivery.transports.policies import DomainPolicy
from tests.transports.delivering import CAROL, Elsewhere, mail
from tests.transports.policed import DOMAIN, HOST, Policed, sts
from tests.world.chains import Chain, tlsa
from tests.world.smtp_peer import PLAIN_EXTENSIONS, Ordinary

PAGE = Path("docs/tls.md")


def table() -> tuple[list[str], dict[str, list[str]]]:
    """The servers of the first line, and the cells of each policy."""
    section = PAGE.read_text().partition("## TLS outcome by policy")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    head, *body = [[cell.strip() for cell in row] for row in rows]
    return head[1:], {row[0]: row[1:] for row in body}


SERVERS, EXPECTED = table()


@dataclass(frozen=True)
class Hierarchies:
    good: Chain
    wrong: Chain
    unknown: Chain
    trust: Trust


@pytest.fixture(scope="module")
def hierarchies(tmp_path_factory: pytest.TempPathFactory) -> Hierarchies:
    folder = tmp_path_factory.mktemp("hierarchies")
    good, wrong, unknown = Chain(folder, HOST), Chain(folder, "wrong.example"), Chain(folder, HOST)
    trusted = folder / "trusted.pem"
    trusted.write_bytes(b"".join(each.anchor.public_bytes(Encoding.PEM) for each in (good, wrong)))
    return Hierarchies(good, wrong, unknown, load_trust(trusted))


def server(name: str, hierarchies: Hierarchies) -> tuple[Ordinary, Chain]:
    """The server of a column, and the certificates that it shows or would show."""
    chains = {"wrong name": hierarchies.wrong, "unknown authority": hierarchies.unknown}
    chain = chains.get(name, hierarchies.good)
    working = Ordinary(extensions=(*PLAIN_EXTENSIONS, "REQUIRETLS"), tls=chain.server(2))
    if name == "handshake fails":
        working.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    elif name == "STARTTLS refused":
        working.starttls = "454 4.7.0 not now"
    elif name == "no STARTTLS":
        working = replace(working, tls=None, starttls="502 5.5.1 unknown")
    return working, chain


STS: Mapping[str, DomainPolicy] = {
    "MTA-STS testing": sts(Mode.TESTING),
    "MTA-STS testing, host not listed": sts(Mode.TESTING, "other.example"),
    "MTA-STS enforce": sts(Mode.ENFORCE),
    "MTA-STS enforce, host not listed": sts(Mode.ENFORCE, "other.example"),
    "MTA-STS none": sts(Mode.NONE, "other.example"),
}


def publish(policy: str, policed: Policed, chain: Chain, hierarchies: Hierarchies) -> None:
    """What the domain of a row publishes."""
    for part in policy.split(" and "):
        if part in STS:
            policed.policies[DOMAIN] = STS[part]
    if "DANE-EE matches" in policy:
        policed.associate(tlsa(chain.leaf, 3))
    elif "DANE-TA matches" in policy:
        policed.associate(tlsa(chain.anchor, 2, 0, 0))
    elif "DANE mismatch" in policy:
        policed.associate(tlsa(chain.authority, 3))
    elif "DANE without usable record" in policy:
        policed.associate(tlsa(chain.leaf, 1))
    elif "DANE not authentic" in policy:
        policed.associate(tlsa(chain.authority, 3))
        policed.elsewhere.dns.authentic.remove(HOST)
    elif "DANE lookup fails" in policy:
        policed.secure()
        policed.elsewhere.dns.fail(f"_{policed.elsewhere.port}._tcp.{HOST}", "servfail")


def observed(result: RecipientResult) -> str:
    """A result in the words of the table."""
    if result.outcome is Outcome.DELIVERED:
        assert result.connection is not None
        return "TLS" if result.connection.tls else "clear text"
    if result.outcome is Outcome.TEMPORARY:
        return "later"
    assert (result.reply.code, result.reply.enhanced) == (554, "5.7.30")
    return "refused"


@pytest.mark.parametrize("row", EXPECTED)
def test_the_documented_outcome_is_what_happens(
    elsewhere: Elsewhere, hierarchies: Hierarchies, row: str
) -> None:
    demands = {"REQUIRETLS": "required", "TLS-Required: No": "optional"}
    policy, _, last = row.rpartition(", ")
    demand = demands.get(last, "")
    elsewhere.trust = hierarchies.trust
    outcomes = []
    for number, name in enumerate(SERVERS):
        rules, chain = server(name, hierarchies)
        elsewhere.dns.zones.clear()
        elsewhere.dns.authentic.clear()
        elsewhere.domain(DOMAIN, f"10 {HOST}.")
        peer = elsewhere.server(HOST, rules, ip=f"127.0.0.{number + 2}")
        policed = Policed(elsewhere)
        publish(policy if demand else row, policed, chain, hierarchies)
        result = policed.deliver(replace(mail(CAROL), tls_demand=demand)).results[1, CAROL]
        outcomes.append(observed(result))
        assert len(peer.messages) == (outcomes[-1] in ("TLS", "clear text"))
        demanded = [line for line in peer.lines if line.endswith(" REQUIRETLS")]
        assert bool(demanded) == (demand == "required" and outcomes[-1] == "TLS")
    assert outcomes == EXPECTED[row]
