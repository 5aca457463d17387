"""The check of a zone made of our advice, signed and behind a resolver that validates."""

import asyncio
from pathlib import Path

import pytest

from mail.dns.resolver import Resolver
from moxsite.setup.dnscheck.authoritative import AuthoritativeLookups
from moxsite.setup.dnscheck.checking import Check
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.dnscheck.running import run_check
from moxsite.setup.needs.facts import Facts, Host, Proxy
from moxsite.setup.needs.wanted import wanted
from tests.setup.installations import TestServers, keys
from tests.world import unbound
from tests.world.unbound import Zone, validating_resolver

pytestmark = [
    pytest.mark.skipif(bool(unbound.missing()), reason=unbound.missing()),
    pytest.mark.external,
]

# unbound has no zones for the addresses of documentation, but answers that they have no names.
FACTS = Facts(
    "example.org",
    (Host("mail.example.org", ("198.18.0.1",), ("ab" * 32,)),),
    keys("example.org"),
    (Proxy("tunnel", ("198.18.0.7",), "out.example.org"),),
)


def zones(signed: bool, spoil: tuple[str, str] | None = None) -> list[Zone]:
    """The domain, its reverse zone, and com, which answers whether the resolver validates."""
    records = [record for group in wanted(FACTS) for record in group.records]
    reverse = [record.line for record in records if record.kind == "PTR"]
    own = [record.line for record in records if record.kind != "PTR"]
    return [
        Zone("example.org", own, signed=signed, spoil=spoil),
        Zone("0.18.198.in-addr.arpa", reverse, signed=False),
        Zone("com", [], signed=True),
    ]


def checked(folder: Path, *served: Zone) -> dict[str, Section]:
    with validating_resolver(folder, *served) as nameserver:

        async def run() -> dict[str, Section]:
            resolver = Resolver(nameserver, trusted=True)
            # Nobody listens at port 53 of the zones' nameserver here: the resolver answers instead.
            fresh = AuthoritativeLookups(resolver, port=1)
            report = await run_check(Check(FACTS, fresh, resolver, TestServers(FACTS)))
            return {section.name: section for section in report.sections}

        return asyncio.run(run())


def test_all_is_in_order_where_the_zone_is_signed(tmp_path: Path) -> None:
    found = checked(tmp_path, *zones(signed=True))
    assert [
        (name, one.errors, one.warnings) for name, one in found.items() if one.errors or one.warnings
    ] == []


def test_an_unsigned_zone_is_told_of_where_it_matters(tmp_path: Path) -> None:
    found = checked(tmp_path, *zones(signed=False))
    assert "not signed with DNSSEC" in found["DNSSEC"].warnings[0].text
    assert "not signed with DNSSEC" in found["DANE"].errors[0].text
    assert [name for name, one in found.items() if one.errors] == ["DANE"]


def test_a_record_that_was_tampered_with_is_no_answer(tmp_path: Path) -> None:
    found = checked(tmp_path, *zones(signed=True, spoil=("p=reject", "p=none; ")))
    assert "No answer from DNS" in found["DMARC"].errors[0].text
    assert "_dmarc.example.org" in found["DNSSEC"].errors[0].text
    assert [name for name, one in found.items() if one.errors] == ["DNSSEC", "DMARC"]
