"""DANE with a real validating resolver: signed zones, unsigned ones, and one that was tampered with."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from delivery.mx import mail_exchangers
from delivery.smtp.client.results import Outcome, RecipientResult
from delivery.tlsresults.outcome import TlsOutcome
from delivery.transports.direct_delivery import deliver_direct
from delivery.transports.group import DeliveryContext, Group
from mail.dns.errors import DnsTemporary
from mail.dns.resolver import Resolver
from tests.transports.delivering import SHORT, mail, trust_in
from tests.world import unbound
from tests.world.chains import Chain, tlsa, zone_form
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.unbound import Zone, validating_resolver

pytestmark = pytest.mark.skipif(bool(unbound.missing()), reason=unbound.missing())


@dataclass
class Secured:
    """A server, the resolver that leads to it, and what was reported."""

    server: SmtpPeer
    nameserver: tuple[str, int]
    reported: list[TlsOutcome]

    def resolver(self) -> Resolver:
        return Resolver(self.nameserver, trusted=True)

    def deliver(self, recipient: str) -> RecipientResult:
        async def run() -> RecipientResult:
            context = DeliveryContext(
                self.resolver(), trust_in(), "mail.example.org", self.server.port, timeouts=SHORT,
                report=self.reported.append,
            )  # fmt: skip
            group = Group((mail(recipient),))
            return (await deliver_direct(group, context, ipv6=False)).results[1, recipient]

        return asyncio.run(run())


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder: Path = tmp_path_factory.mktemp("unbound")
    chain, other = Chain(folder, "mx.signed.example"), Chain(folder, "mx.signed.example")
    with ExitStack() as stack:
        server = stack.enter_context(SmtpPeer(Ordinary(tls=chain.server())))
        port = server.port
        good, bad = zone_form(tlsa(chain.leaf, 3)), zone_form(tlsa(other.leaf, 3))
        signed = Zone(
            "signed.example",
            [
                "@ MX 10 mx", "mx A 127.0.0.1", f"_{port}._tcp.mx TLSA {good}",
                "ta MX 10 mx-ta", "mx-ta A 127.0.0.1",
                f"_{port}._tcp.mx-ta TLSA {zone_form(tlsa(chain.anchor, 2))}",
                "stale MX 10 mx-stale", "mx-stale A 127.0.0.1", f"_{port}._tcp.mx-stale TLSA {bad}",
                "none MX 10 mx-none", "mx-none A 127.0.0.1",
                "elsewhere MX 10 mx.unsigned.example.",
                "alias CNAME signed.example.",
            ],
            signed=True,
        )  # fmt: skip
        unsigned = Zone(
            "unsigned.example",
            ["@ MX 10 mx", "mx A 127.0.0.1", f"_{port}._tcp.mx TLSA {bad}"],
            signed=False,
        )
        tampered = Zone(
            "tampered.example",
            ["@ MX 10 mx", "mx A 127.0.0.1", f"_{port}._tcp.mx TLSA 3 1 1 {'ab' * 32}"],
            signed=True,
            spoil=("AB" * 16, "CD" * 16),
        )
        nameserver = stack.enter_context(validating_resolver(folder, signed, unsigned, tampered))
        yield Secured(server, nameserver, [])


@pytest.mark.parametrize(
    ("domain", "outcome", "policy", "report"),
    [
        ("signed.example", Outcome.DELIVERED, "dane", "success"),
        ("alias.signed.example", Outcome.DELIVERED, "dane", "success"),
        ("stale.signed.example", Outcome.TEMPORARY, "", "validation-failure"),
        ("ta.signed.example", Outcome.TEMPORARY, "", "validation-failure"),
        ("none.signed.example", Outcome.DELIVERED, "opportunistic", "certificate-not-trusted"),
        ("elsewhere.signed.example", Outcome.DELIVERED, "opportunistic", "certificate-not-trusted"),
        ("unsigned.example", Outcome.DELIVERED, "opportunistic", "certificate-not-trusted"),
        ("tampered.example", Outcome.TEMPORARY, "", "dnssec-invalid"),
    ],
)
def test_what_dnssec_vouches_for_decides(
    secured: Secured, domain: str, outcome: Outcome, policy: str, report: str
) -> None:
    secured.reported.clear()
    sessions = len(secured.server.sessions)
    result = secured.deliver(f"carol@{domain}")
    assert result.outcome is outcome, result
    if policy:
        assert result.connection is not None
        assert result.connection.policy == policy
    assert [each.result.value for each in secured.reported] == [report]
    assert (len(secured.server.sessions) > sessions) is (report != "dnssec-invalid")


def test_the_resolver_says_what_is_authentic(secured: Secured) -> None:
    async def run() -> None:
        resolver = secured.resolver()
        assert (await mail_exchangers("signed.example", resolver)).authentic
        assert (await mail_exchangers("alias.signed.example", resolver)).authentic
        assert not (await mail_exchangers("unsigned.example", resolver)).authentic
        assert (await resolver.addresses("mx.signed.example", ipv6=False)).authentic
        with pytest.raises(DnsTemporary):
            await resolver.tlsa(f"_{secured.server.port}._tcp.mx.tampered.example")

    asyncio.run(run())
