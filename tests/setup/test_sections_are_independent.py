import asyncio
import threading

from mail.dns.resolver import Resolver
from moxsite.setup.dnscheck.authoritative import AuthoritativeLookups
from moxsite.setup.dnscheck.checking import Check
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.dnscheck.running import SECTIONS, run_check
from moxsite.setup.needs.facts import Facts, Host
from moxsite.setup.needs.wanted import zone_text
from tests.setup.installations import WORLD, TestServers, advised, checked, keys
from tests.setup.test_dnscheck_command import publish
from tests.world.dns import FakeDns

FACTS = Facts("example.org", (Host("mail.example.org", ("192.0.2.1",), ("ab" * 32,)),), keys("example.org"))


def test_a_section_that_fails_hides_no_other(monkeypatch: object) -> None:
    async def broken(check: Check, section: Section) -> None:
        section.warning("seen before")
        raise RuntimeError("a mistake of ours")

    saved = SECTIONS["SPF"]
    SECTIONS["SPF"] = broken
    try:
        report = asyncio.run(run_check(checked(FACTS, advised(FACTS, without="_dmarc"))))
    finally:
        SECTIONS["SPF"] = saved
    found = {section.name: section for section in report.sections}
    assert list(found) == list(SECTIONS)
    assert "RuntimeError" in found["SPF"].errors[0].text
    assert found["SPF"].warnings[0].text == "seen before"
    assert "no DMARC record" in found["DMARC"].errors[0].text
    assert found["DKIM"].errors == []


def test_silence_about_one_name_leaves_the_other_sections_complete() -> None:
    with FakeDns() as dns:
        publish(dns, zone_text(FACTS) + WORLD)
        dns.authentic.update(dns.zones)
        dns.fail("_dmarc.example.org", "slow", event=threading.Event())
        dns.fail("_smtp._tls.example.org", "servfail")

        async def run() -> dict[str, Section]:
            resolver = Resolver(dns.address, trusted=True)
            check = Check(FACTS, resolver, resolver, TestServers(FACTS))
            return {section.name: section for section in (await run_check(check, seconds=2)).sections}

        found = asyncio.run(run())
        assert "not finished within 2 s" in found["DMARC"].errors[0].text
        assert "No answer from DNS" in found["TLSRPT"].errors[0].text
        assert len(found["TLSRPT"].errors) == 1
        assert [name for name, one in found.items() if one.errors] == ["DNSSEC", "DMARC", "TLSRPT"]


def test_a_fresh_record_counts_though_the_resolver_does_not_know_it_yet() -> None:
    with FakeDns() as authority, FakeDns() as recursive:
        authority.authoritative = True
        publish(authority, zone_text(FACTS) + WORLD)
        publish(recursive, zone_text(FACTS) + WORLD)
        recursive.remove("_dmarc.example.org")
        recursive.add("example.org", {"NS": ["ns.example.org."]})
        recursive.add("ns.example.org", {"A": ["127.0.0.1"]})
        recursive.authentic.update(recursive.zones)

        async def run() -> dict[str, Section]:
            resolver = Resolver(recursive.address, trusted=True)
            fresh = AuthoritativeLookups(resolver, port=authority.address[1])
            check = Check(FACTS, fresh, resolver, TestServers(FACTS))
            return {section.name: section for section in (await run_check(check)).sections}

        found = asyncio.run(run())
        assert {name: one.errors for name, one in found.items() if one.errors} == {}
        assert authority.asked("_dmarc.example.org", "TXT")
        authority.close()
        found = asyncio.run(run())
        assert [name for name, one in found.items() if one.errors] == ["DMARC"], (
            "the resolver answers instead"
        )
