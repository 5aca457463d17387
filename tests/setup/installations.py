"""Random installations, and a zone made of what they are advised to publish."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from mail.dkim.keys import ED25519, RSA, generate_keys
from mail.dkim.record import record_name, record_text
from mail.dns.lookups import Lookups
from moxsite.setup.dnscheck.checking import Check, ServerProblem
from moxsite.setup.dnscheck.whatif import PastedZone, read_zone
from moxsite.setup.needs.facts import Facts, Host, Key, Proxy, Relay
from moxsite.setup.needs.mta_sts import policy_text
from moxsite.setup.needs.wanted import zone_text

WORLD = "com. IN NS ns.com.\nrelay.example. IN A 203.0.113.9\n"
_PAIRS = [(kind, generate_keys(kind)) for kind in (RSA, ED25519)]

DOMAINS = st.sampled_from(["example.org", "xn--bcher-kva.example", "mail.sub.example.co.uk", "a.example"])
IPV4 = st.integers(1, 250).map(lambda n: f"192.0.2.{n}")
IPV6 = st.integers(1, 60000).map(lambda n: f"2001:db8::{n:x}")
IPS = st.lists(IPV4 | IPV6, min_size=1, max_size=3, unique=True).map(tuple)
HASHES = st.lists(
    st.binary(min_size=32, max_size=32).map(bytes.hex), min_size=1, max_size=2, unique=True
).map(tuple)


@dataclass
class TestServers:
    """Servers that are all well, except those in `broken` (host names), and with the policy of the facts."""

    __test__ = False
    facts: Facts
    broken: set[str] = field(default_factory=set)
    policy_body: str = ""
    shown: dict[str, str] = field(default_factory=dict)

    async def smtp_tls(self, host: str, ip: str) -> None:
        if host in self.broken:
            raise ServerProblem("the certificate is not accepted")

    async def smtp_key(self, host: str, ip: str) -> str:
        if host not in self.shown:
            raise ServerProblem("port 25 does not answer")
        return self.shown[host]

    async def https(self, host: str, ip: str) -> None:
        await self.smtp_tls(host, ip)

    async def policy(self, domain: str, ips: tuple[str, ...]) -> str:
        await self.smtp_tls(f"mta-sts.{domain}", ips[0])
        return self.policy_body or policy_text(self.facts)


def keys(domain: str) -> tuple[Key, ...]:
    """Two keys that sign."""
    return tuple(
        Key(record_name(f"s{number}", domain), record_text(kind, pair.public_key))
        for number, (kind, pair) in enumerate(_PAIRS)
    )


@st.composite
def installations(draw: st.DrawFn) -> Facts:
    """One to three hosts, the first perhaps named as the domain, proxies and relays, reports elsewhere."""
    domain = draw(DOMAINS)
    names = draw(
        st.lists(
            st.sampled_from(
                [domain, f"mail.{domain}", f"mx2.{domain}", "mx.elsewhere.example", "xn--bcher-kva.net"]
            ),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    ips = draw(st.lists(IPV4 | IPV6, min_size=len(names), max_size=8, unique=True))
    hosts = tuple(
        Host(name, tuple(ips[number :: len(names)]), draw(HASHES)) for number, name in enumerate(names)
    )
    outside = st.sampled_from(["", f"out.{domain}", "tor.elsewhere.example", *names])
    proxies = draw(
        st.lists(st.builds(Proxy, st.just("tunnel"), st.just(()) | IPS.map(_shifted), outside), max_size=3)
    )
    relays = draw(st.lists(st.just(Relay("relay", ("relay.example", "203.0.113.7"))), max_size=1))
    reports = draw(st.sampled_from(["", f"reports@{domain}", "reports@elsewhere.example"]))
    authority = draw(st.sampled_from(["", "letsencrypt.org"]))
    return Facts(domain, hosts, keys(domain), tuple(proxies), tuple(relays), reports, authority)


def advised(facts: Facts, without: str = "", more: str = "") -> Lookups:
    """The zone that the facts lead to, less all lines with a text, plus others."""
    lines = (zone_text(facts) + WORLD).splitlines()
    kept = [line for line in lines if not without or without not in line]
    rrsets = read_zone("\n".join([*kept, more]), facts.domain)
    return PastedZone(rrsets, None, signed=True)


def checked(facts: Facts, dns: Lookups, servers: TestServers | None = None) -> Check:
    """A check of the facts with these answers."""
    return Check(facts, dns, dns, servers or TestServers(facts))


def _shifted(ips: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses that no host has."""
    return tuple(ip.replace("192.0.2.", "198.51.100.").replace("2001:db8::", "2001:db8:1::") for ip in ips)
