"""A zone with one thing wrong, and the one section that says so."""

import asyncio
from dataclasses import replace

import pytest

from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.dnscheck.running import run_check
from moxsite.setup.needs.facts import Facts, Host, Key, Proxy, Relay
from tests.setup.installations import TestServers, advised, checked, keys

FACTS = Facts(
    "example.org",
    (
        Host("mail.example.org", ("192.0.2.1", "2001:db8::1"), ("ab" * 32,)),
        Host("mx2.example.org", ("192.0.2.2",)),
    ),
    keys("example.org"),
    (
        Proxy("tunnel", ("198.51.100.7",), "out.example.org"),
        Proxy("unrouted", ("198.51.100.8",), "out.example.org"),
    ),
    (Relay("relay", ("relay.example",)),),
    authority="letsencrypt.org",
)


def sections(
    facts: Facts = FACTS, without: str = "", more: str = "", **servers: object
) -> dict[str, Section]:
    check = checked(facts, advised(facts, without, more), TestServers(facts, **servers))  # type: ignore[arg-type]
    return {section.name: section for section in asyncio.run(run_check(check)).sections}


@pytest.mark.parametrize(
    ("section", "level", "without", "more", "expected"),
    [
        ("Reverse DNS", "errors", "1.2.0.192.in-addr", "", "192.0.2.1 has no name"),
        ("Reverse DNS", "errors", "8.100.51.198.in-addr", "", "198.51.100.8 has no name"),
        ("Reverse DNS", "warnings", "1.2.0.192.in-", "1.2.0.192.in-addr.arpa. PTR h.isp.example.", "h.isp"),
        ("Reverse DNS", "warnings", "7.100.51.198.in-", "7.100.51.198.in-addr.arpa. PTR x.example.", "out."),
        ("Reverse DNS", "errors", "", "mail.example.org. A 127.0.0.1", "every machine’s own"),
        ("MX", "errors", " MX ", "", "has no MX record"),
        ("MX", "errors", " MX ", "example.org. MX 0 .", "null MX"),
        ("MX", "errors", "", "example.org. MX 20 relay.example.", "no address of ours"),
        ("MX", "errors", "", "mx2.example.org. A 203.0.113.5", "also has 203.0.113.5"),
        ("MX", "warnings", "MX 10 mx2", "", "No MX record names mx2.example.org"),
        ("MX", "errors", "mx2.example.org. IN", "mx2.example.org. CNAME mail.example.org.", "is an alias"),
        ("DANE", "errors", "TLSA", "", "is not published"),
        ("DANE", "errors", "TLSA", f"_25._tcp.mail.example.org. TLSA 3 1 1 {'cd' * 32}", "is about its key"),
        ("DANE", "warnings", "", f"_25._tcp.mail.example.org. TLSA 3 1 1 {'cd' * 32}", "none of its keys"),
        ("SPF", "errors", "v=spf1", "", "example.org has no SPF record"),
        ("SPF", "errors", "ip4:198.51.100.8 mx", 'example.org. TXT "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 mx '
         'ip4:198.51.100.7 ~all"', "does not let 198.51.100.8 send"),
        ("SPF", "errors", "", 'example.org. TXT "v=spf1 -all"', "2 SPF records"),
        ("SPF", "errors", "~all", 'example.org. TXT "v=spf1 ipx4:1 -all"', "can’t be evaluated"),
        ("SPF", "warnings", "~all", 'example.org. TXT "v=spf1 +all"', "lets everybody send"),
        ("SPF", "errors", "out.example.org. IN TXT", "", "out.example.org has no SPF record"),
        ("DKIM", "errors", "s1._domainkey", "", "s1._domainkey.example.org is not published"),
        ("DKIM", "errors", "s1._domainkey", 's1._domainkey TXT "v=DKIM1; p="', "revoked"),
        ("DKIM", "errors", "s1._domainkey", 's1._domainkey TXT "v=DKIM1; k=ed25519; '
         'p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="', "not the key that signs"),
        ("DMARC", "errors", "DMARC1", "", "no DMARC record"),
        ("DMARC", "errors", "DMARC1", '_dmarc TXT "v=DMARC1; p=maybe"', "no policy"),
        ("DMARC", "warnings", "DMARC1", '_dmarc TXT "v=DMARC1; p=none; rua=mailto:a@b"', "accepted"),
        ("DMARC", "warnings", "DMARC1", '_dmarc TXT "v=DMARC1; p=reject; sp=none; rua=mailto:a@b"', "sp="),
        ("DMARC", "warnings", "DMARC1", '_dmarc TXT "v=DMARC1; p=reject"', "rua="),
        ("DMARC", "errors", "DMARC1", '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:a@b.c!10m"', "agreed"),
        ("TLSRPT", "errors", "_smtp._tls.example.org", "", "is missing"),
        ("TLSRPT", "errors", "_smtp._tls.mail.example.org", "", "is missing"),
        ("TLSRPT", "errors", "_smtp._tls.example.org", '_smtp._tls TXT "v=TLSRPTv1"', "names nobody"),
        ("MTA-STS", "warnings", "_mta-sts", "", "no MTA-STS"),
        ("MTA-STS", "errors", "_mta-sts", '_mta-sts TXT "v=STSv1; id=-"', "counts for nothing"),
        ("MTA-STS", "errors", "mta-sts.example.org. IN CNAME", "", "has no address"),
        ("MTA-STS", "errors", "", "example.org. MX 20 mx9.example.org.", "does not list mx9"),
        ("MTA-STS", "warnings", "MX 10 mx2", "", "lists mx2.example.org, which no MX"),
        ("MTA-STS", "warnings", "_mta-sts", '_mta-sts TXT "v=STSv1; id=older"', "may have changed"),
        ("CAA", "warnings", "CAA", "", "Every authority"),
        ("CAA", "errors", "CAA", 'example.org. CAA 0 issue "ca.example"', "only ca.example"),
        ("CAA", "errors", "CAA", 'example.org. CAA 0 issue ";"', "nobody"),
        ("CAA", "errors", "mta-sts.example.org. IN", 'mta-sts A 192.0.2.1\nmta-sts CAA 0 issue "ca.example"',
         "CAA of mta-sts.example.org"),
        ("CAA", "errors", "CAA", 'example.org. CAA 0 issue "letsencrypt.org; validationmethods=dns-01"',
         "does not allow the challenge"),
        ("CAA", "errors", "", 'example.org. CAA 128 future "x"', "do not know"),
        ("CAA", "instructions", "CAA", 'example.org. CAA 0 issue "letsencrypt.org;accounturi=https://x/1"',
         "accounturi"),
        ("SRV", "errors", "_submissions._tcp", "", "is missing"),
        ("SRV", "warnings", "_imaps._tcp", "", "no such service"),
        ("SRV", "errors", "_imaps._tcp", "_imaps._tcp SRV 0 1 993 mail.example.org.", "but there is no such"),
        ("SRV", "errors", "_submission._tcp", "_submission._tcp SRV 0 1 25 mail.example.org.", "port 25"),
        ("SRV", "warnings", "_imap._tcp", "_imap._tcp SRV 0 0 143 .", "has port 143"),
        ("Autoconfig", "errors", "autoconfig.example.org. IN CNAME", "", "has no address"),
        ("Autoconfig", "errors", "autoconfig.example.org. IN CNAME", "autoconfig A 203.0.113.5", "not ours"),
        ("Autodiscover", "errors", "_autodiscover._tcp", "", "does not lead to port 443"),
        ("Autodiscover", "warnings", "autodiscover.example.org. IN CNAME", "", "has no address"),
        ("Relays", "warnings", "relay.example. IN A", "", "relay.example, the relay of transport relay"),
    ],
)  # fmt: skip
def test_each_mistake_is_found(section: str, level: str, without: str, more: str, expected: str) -> None:
    found = getattr(sections(without=without, more=more)[section], level)
    assert any(expected in each.text for each in found), found


@pytest.mark.parametrize(
    ("section", "host"),
    [
        ("TLS", "mail.example.org"),
        ("MTA-STS", "mta-sts.example.org"),
        ("Autoconfig", "autoconfig.example.org"),
        ("Autodiscover", "mail.example.org"),
    ],
)
def test_a_certificate_that_nobody_accepts_is_told_where_it_matters(section: str, host: str) -> None:
    found = sections(broken={host})[section].errors
    assert any(host in each.text and "not accepted" in each.text for each in found), found


@pytest.mark.parametrize(
    ("body", "level", "expected"),
    [
        ("version: STSv1\nmode: testing\nmx: *.example.org\nmax_age: 604800\n", "warnings", "mode testing"),
        ("version: STSv1\nmode: enforce\nmx: *.example.org\nmax_age: 86400\n", "warnings", "a day or less"),
        ("version: STSv2\n", "errors", "can’t be read"),
    ],
)
def test_the_policy_itself_is_judged(body: str, level: str, expected: str) -> None:
    found = getattr(sections(policy_body=body)["MTA-STS"], level)
    assert any(expected in each.text for each in found), found


def test_records_to_paste_come_with_the_finding() -> None:
    (missing,) = sections(without="_dmarc")["DMARC"].errors
    assert missing.records == (
        '_dmarc.example.org. IN TXT "v=DMARC1; p=reject; rua=mailto:postmaster@example.org"',
    )
    amended = sections(
        without="~all", more='example.org. TXT "v=spf1 ip4:192.0.2.1 mx ip6:2001:db8::/32 ip4:192.0.2.2 ?all"'
    )["SPF"].errors[0]
    assert amended.records == (
        'example.org. IN TXT "v=spf1 ip4:198.51.100.7 ip4:198.51.100.8 ip4:192.0.2.1 mx ip6:2001:db8::/32 '
        'ip4:192.0.2.2 ?all"',
    )


def test_too_many_lookups_are_counted() -> None:
    includes = " ".join(f"include:i{number}.example.org" for number in range(9))
    own = "\n".join(f'i{number}.example.org. TXT "v=spf1 ip4:203.0.113.{number} ?all"' for number in range(9))
    listed = "ip4:192.0.2.1 ip6:2001:db8::1 ip4:192.0.2.2 ip4:198.51.100.7 ip4:198.51.100.8"
    found = sections(without="~all", more=f'example.org. TXT "v=spf1 {listed}" " {includes} ~all"\n{own}')[
        "SPF"
    ]
    assert found.errors == []
    assert "needs 9 look-ups" in found.warnings[0].text


def test_a_key_that_waits_for_its_record_is_only_a_warning() -> None:
    waiting = replace(
        FACTS, keys=(*FACTS.keys, Key("new._domainkey.example.org", FACTS.keys[0].text, signs=False))
    )
    found = sections(waiting, without="new._domainkey")["DKIM"]
    assert (len(found.errors), len(found.warnings)) == (0, 1)
    assert "not signed" in sections(replace(FACTS, keys=()))["DKIM"].errors[0].text


def test_behind_nat_with_unknown_addresses_nothing_is_compared() -> None:
    hidden = replace(FACTS, hosts=(Host("mail.example.org", (), ("ab" * 32,)),), proxies=())
    found = sections(hidden, more="mail.example.org. A 203.0.113.1")
    assert [name for name, one in found.items() if one.errors] == []
    assert "not known" in found["SPF"].warnings[0].text
    assert "MOXSITE_PUBLIC_IPS" in found["MX"].instructions[0].text


def test_what_is_known_of_relays_is_said_and_what_is_not() -> None:
    (found,) = sections()["Relays"].instructions
    assert "can’t be known from here" in found.text
    assert "relay.example" in found.text


def test_reports_go_where_the_configuration_says() -> None:
    configured = replace(FACTS, reports="dmarc@example.org")
    found = sections(
        configured, without="rua=", more='_dmarc TXT "v=DMARC1; p=reject; rua=mailto:x@example.org"'
    )
    assert "not go to" in found["DMARC"].errors[0].text or "don’t go to" in found["DMARC"].errors[0].text


def test_keys_of_other_machines_are_looked_at_where_they_can_be_reached() -> None:
    unreachable = sections()["DANE"]
    assert any("mx2.example.org" in each.text for each in unreachable.instructions)
    missing = sections(shown={"mx2.example.org": "cd" * 32})["DANE"]
    assert "The key of mx2.example.org is not published." in missing.errors[0].text
    record = f"_25._tcp.mx2.example.org. TLSA 3 1 1 {'cd' * 32}"
    published = sections(shown={"mx2.example.org": "cd" * 32}, more=record)["DANE"]
    assert (published.errors, published.warnings, published.instructions) == ([], [], [])


def test_an_unknown_authority_is_not_judged_by() -> None:
    facts = replace(FACTS, authority="")
    found = sections(facts, more='example.org. CAA 0 issue "ca.example"')["CAA"]
    assert (found.errors, found.warnings) == ([], [])
    assert "ca.example" in found.instructions[0].text
    assert sections(facts)["CAA"].instructions == []
