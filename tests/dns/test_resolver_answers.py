"""What the resolver makes of answers: records, order, names, authenticity."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest

from mail.dns.answers import MxRecord, TlsaRecord
from mail.dns.errors import DnsNotFound
from mail.dns.resolver import Resolver
from tests.world.dns import FakeDns

T = TypeVar("T")

ZONES = {
    "remote.example": {
        "MX": ["20 Backup.Remote.Example.", "10 mx.remote.example."],
        "TXT": ['"v=spf1 " "-all"', '"other"'],
    },
    "mx.remote.example": {"A": ["192.0.2.1", "192.0.2.2"], "AAAA": ["2001:db8::1"]},
    "four.remote.example": {"A": ["192.0.2.4"]},
    "www.remote.example": {"CNAME": ["mx.remote.example."]},
    "nomail.example": {"MX": ["0 ."]},
    "_25._tcp.mx.remote.example": {"TLSA": ["3 1 1 " + "ab" * 32]},
    "1.2.0.192.in-addr.arpa": {"PTR": ["mx.remote.example."]},
}


@pytest.fixture
def dns() -> Iterator[FakeDns]:
    with FakeDns(ZONES) as server:
        yield server


def look(dns: FakeDns, lookup: Callable[[Resolver], Awaitable[T]], *, trusted: bool = True) -> T:
    async def main() -> T:
        return await lookup(Resolver(dns.address, trusted=trusted, try_seconds=1, deadline_seconds=5))

    return asyncio.run(main())


def test_exchangers_come_by_preference_with_plain_lower_case_names(dns: FakeDns) -> None:
    answer = look(dns, lambda resolver: resolver.mx("Remote.Example."))
    assert answer.records == (MxRecord(10, "mx.remote.example"), MxRecord(20, "backup.remote.example"))
    assert answer.ttl == 300


def test_a_null_exchanger_is_told_apart(dns: FakeDns) -> None:
    assert look(dns, lambda resolver: resolver.mx("nomail.example")).records[0].is_null


def test_addresses_of_both_families_are_joined_with_ipv4_first(dns: FakeDns) -> None:
    answer = look(dns, lambda resolver: resolver.addresses("mx.remote.example"))
    assert answer.records == ("192.0.2.1", "192.0.2.2", "2001:db8::1")


def test_one_family_can_be_left_out(dns: FakeDns) -> None:
    answer = look(dns, lambda resolver: resolver.addresses("mx.remote.example", ipv4=False))
    assert answer.records == ("2001:db8::1",)
    assert dns.asked("mx.remote.example", "A") == 0


def test_a_host_without_an_address_of_the_family_is_not_found_but_exists(dns: FakeDns) -> None:
    with pytest.raises(DnsNotFound, match="has no address") as raised:
        look(dns, lambda resolver: resolver.addresses("four.remote.example", ipv4=False))
    assert raised.value.exists


def test_an_alias_is_followed_and_its_end_is_told(dns: FakeDns) -> None:
    answer = look(dns, lambda resolver: resolver.addresses("www.remote.example", ipv6=False))
    assert answer.records == ("192.0.2.1", "192.0.2.2")
    assert answer.canonical_name == "mx.remote.example"


def test_the_strings_of_a_text_record_are_joined(dns: FakeDns) -> None:
    assert set(look(dns, lambda resolver: resolver.txt("remote.example")).records) == {"v=spf1 -all", "other"}


def test_certificate_associations_keep_their_fields(dns: FakeDns) -> None:
    answer = look(dns, lambda resolver: resolver.tlsa("_25._tcp.mx.remote.example"))
    assert answer.records == (TlsaRecord(3, 1, 1, b"\xab" * 32),)


def test_an_address_has_names(dns: FakeDns) -> None:
    answer = look(dns, lambda resolver: resolver.ptr("192.0.2.1"))
    assert answer.records == ("mx.remote.example",)
    assert answer.name == "192.0.2.1"


def test_a_reverse_lookup_of_something_else_is_an_error_of_the_caller(dns: FakeDns) -> None:
    with pytest.raises(ValueError, match="not an IP address"):
        look(dns, lambda resolver: resolver.ptr("mx.remote.example"))


def test_an_unknown_name_does_not_exist(dns: FakeDns) -> None:
    with pytest.raises(DnsNotFound, match="does not exist") as raised:
        look(dns, lambda resolver: resolver.mx("nowhere.example"))
    assert not raised.value.exists


def test_a_name_without_the_type_exists(dns: FakeDns) -> None:
    with pytest.raises(DnsNotFound, match="has no MX record") as raised:
        look(dns, lambda resolver: resolver.mx("mx.remote.example"))
    assert raised.value.exists


@pytest.mark.parametrize("name", ["", "a..b", "x" * 64 + ".example", "bücher.example", "." * 3, "a." * 130])
def test_what_is_no_domain_name_does_not_exist_and_is_never_asked(dns: FakeDns, name: str) -> None:
    with pytest.raises(DnsNotFound) as raised:
        look(dns, lambda resolver: resolver.mx(name))
    assert not raised.value.exists
    assert dns.queries == []


def test_localhost_is_answered_here(dns: FakeDns) -> None:
    assert look(dns, lambda resolver: resolver.addresses("localhost")).records == ("127.0.0.1", "::1")
    assert dns.queries == []


def test_the_mark_of_a_trusted_resolver_makes_an_answer_authentic(dns: FakeDns) -> None:
    dns.authentic.add("remote.example")
    assert look(dns, lambda resolver: resolver.mx("remote.example")).authentic
    assert not look(dns, lambda resolver: resolver.addresses("mx.remote.example")).authentic


def test_the_mark_of_any_other_resolver_counts_for_nothing(dns: FakeDns) -> None:
    dns.authentic.add("remote.example")
    assert not look(dns, lambda resolver: resolver.mx("remote.example"), trusted=False).authentic


def test_an_alias_is_authentic_only_with_its_end(dns: FakeDns) -> None:
    dns.authentic.add("www.remote.example")
    assert not look(dns, lambda resolver: resolver.addresses("www.remote.example")).authentic
    dns.authentic.add("mx.remote.example")
    assert look(dns, lambda resolver: resolver.addresses("www.remote.example")).authentic
