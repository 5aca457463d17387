"""What the resolver makes of nameservers that fail, are slow or answer nonsense."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from mail import clock
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.resolver import Resolver
from tests.world.dns import FakeDns


@pytest.fixture
def dns() -> Iterator[FakeDns]:
    with FakeDns({"remote.example": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]}}) as server:
        yield server


def resolver_for(dns: FakeDns, *, deadline_seconds: float = 5) -> Resolver:
    return Resolver(dns.address, try_seconds=0.2, deadline_seconds=deadline_seconds)


def addresses(dns: FakeDns, name: str = "remote.example", *, deadline_seconds: float = 5) -> tuple[str, ...]:
    async def main() -> tuple[str, ...]:
        return (await resolver_for(dns, deadline_seconds=deadline_seconds).addresses(name)).records

    return asyncio.run(main())


def test_a_failing_nameserver_is_temporary(dns: FakeDns) -> None:
    dns.fail("remote.example", "servfail")
    with pytest.raises(DnsTemporary, match="SERVFAIL"):
        addresses(dns)


def test_a_silent_nameserver_is_temporary_when_the_deadline_is_over(dns: FakeDns) -> None:
    dns.fail("remote.example", "drop")
    started = clock.monotonic()
    with pytest.raises(DnsTemporary):
        addresses(dns, deadline_seconds=0.5)
    assert clock.monotonic() - started < 3


def test_a_slow_nameserver_is_temporary_when_the_deadline_is_over(dns: FakeDns) -> None:
    dns.fail("remote.example", "slow", event=threading.Event())
    with pytest.raises(DnsTemporary):
        addresses(dns, deadline_seconds=0.5)


def test_an_answer_too_long_for_udp_comes_over_tcp(dns: FakeDns) -> None:
    dns.fail("remote.example", "truncated")
    assert addresses(dns) == ("192.0.2.1", "2001:db8::1")
    assert dns.asked("remote.example", "A") == 2


def test_one_failing_family_does_not_hide_the_other(dns: FakeDns) -> None:
    dns.fail("remote.example", "servfail", record_type="AAAA")
    assert addresses(dns) == ("192.0.2.1",)


def test_a_failing_family_beside_a_missing_one_is_temporary(dns: FakeDns) -> None:
    dns.add("six.example", {"A": ["192.0.2.1"]})
    dns.fail("six.example", "servfail", record_type="A")
    with pytest.raises(DnsTemporary):
        addresses(dns, "six.example")


def test_a_circle_of_aliases_is_not_followed_for_ever(dns: FakeDns) -> None:
    dns.add("one.example", {"CNAME": ["two.example."]})
    dns.add("two.example", {"CNAME": ["one.example."]})
    with pytest.raises(DnsTemporary):
        addresses(dns, "one.example")


def test_an_alias_to_nothing_does_not_exist(dns: FakeDns) -> None:
    dns.add("one.example", {"CNAME": ["nowhere.example."]})
    with pytest.raises(DnsNotFound) as raised:
        addresses(dns, "one.example")
    assert not raised.value.exists
    assert raised.value.canonical_name == "nowhere.example"


def test_nobody_listening_is_temporary() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        address = unused.getsockname()
    resolver = Resolver(address, try_seconds=0.2, deadline_seconds=0.5)
    with pytest.raises(DnsTemporary):
        asyncio.run(resolver.mx("remote.example"))


def test_a_caller_who_gives_up_does_not_spoil_the_lookup_of_another(dns: FakeDns) -> None:
    gate = threading.Event()
    dns.fail("remote.example", "slow", event=gate)

    async def main() -> tuple[str, ...]:
        resolver = Resolver(dns.address, try_seconds=5, deadline_seconds=10)
        impatient = asyncio.create_task(resolver.addresses("remote.example", ipv6=False))
        patient = asyncio.create_task(resolver.addresses("remote.example", ipv6=False))
        assert await asyncio.to_thread(dns.first_query.wait, 5)
        impatient.cancel()
        await asyncio.wait([impatient])
        gate.set()
        return (await patient).records

    assert asyncio.run(main()) == ("192.0.2.1",)
    assert dns.asked("remote.example", "A") == 1
