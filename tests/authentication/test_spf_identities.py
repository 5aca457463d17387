"""Which identity SPF is asked about, and what its evaluation may cost."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from mail import clock
from mail.addresses.address import Address
from mail.authentication.results import Result, SpfResult
from mail.authentication.spf.check import SpfCheck
from mail.dns.resolver import Resolver
from tests.world.dns import FakeDns

CAROL = Address("carol", "remote.example")


def ask(
    server: FakeDns,
    sender: Address | None = CAROL,
    helo: str = "mail.remote.example",
    *,
    ip: str = "192.0.2.7",
    seconds: float = 5,
) -> SpfResult:
    async def check() -> SpfResult:
        with ThreadPoolExecutor(1) as threads:
            made = SpfCheck(Resolver(server.address), threads, receiver="mail.example.org", seconds=seconds)
            return await made.mailfrom(ip, sender, helo)

    return asyncio.run(check())


def zone(record: str, name: str = "remote.example") -> FakeDns:
    strings = " ".join(f'"{record[start : start + 250]}"' for start in range(0, len(record), 250))
    return FakeDns({name: {"TXT": [strings]}})


def test_the_envelope_sender_is_asked_about() -> None:
    with zone("v=spf1 ip4:192.0.2.0/24 -all") as server:
        found = ask(server)
        assert (found.result, found.identity, found.domain) == (Result.PASS, "mailfrom", "remote.example")
        assert found.mechanism == "ip4:192.0.2.0/24"
        assert ask(server, ip="198.51.100.1").result is Result.FAIL
        assert ask(server, ip="::ffff:192.0.2.9").result is Result.PASS


def test_without_an_envelope_sender_the_name_of_the_client_is() -> None:
    with zone("v=spf1 ip4:192.0.2.7 -all", "mail.remote.example") as server:
        found = ask(server, None)
        assert (found.result, found.identity, found.domain) == (Result.PASS, "helo", "mail.remote.example")


@pytest.mark.parametrize("helo", ["localhost", "[192.0.2.7]", "", "[IPv6:2001:db8::7]"])
def test_names_that_cant_have_a_record_are_not_asked_about(helo: str) -> None:
    with FakeDns() as server:
        assert ask(server, None, helo).result is Result.NONE
        assert server.queries == []


def test_an_address_literal_has_no_record() -> None:
    with FakeDns() as server:
        assert ask(server, Address("carol", "[192.0.2.7]")).result is Result.NONE
        assert server.queries == []


def test_no_answer_is_a_temporary_error_and_ends_in_time() -> None:
    with zone("v=spf1 include:slow.example -all") as server:
        server.fail("slow.example", "drop")
        begun = clock.monotonic()
        found = ask(server, seconds=0.3)
        assert found.result is Result.TEMPERROR
        assert clock.monotonic() - begun < 3


def test_only_ten_terms_with_look_ups_are_followed() -> None:
    names = [f"n{number}.example" for number in range(12)]
    with zone("v=spf1 " + " ".join(f"include:{name}" for name in names) + " -all") as server:
        for name in names:
            server.add(name, {"TXT": ['"v=spf1 ip4:198.51.100.1"']})
        assert ask(server).result is Result.PERMERROR
        assert len(server.queries) == 11


def test_only_two_look_ups_may_find_nothing() -> None:
    with zone("v=spf1 a:a.example a:b.example a:c.example ip4:192.0.2.7 -all") as server:
        found = ask(server)
        assert found.result is Result.PERMERROR
        assert "without a result" in found.problem


@pytest.mark.parametrize("record", ["v=spf1 " + "ip4:192.0.2.7 " * 400, "v=spf1 a:" + "a" * 3000 + "! -all"])
def test_records_that_are_made_to_cost_time_are_errors(record: str) -> None:
    with zone(record) as server:
        begun = clock.monotonic()
        assert ask(server).result is Result.PERMERROR
        assert clock.monotonic() - begun < 2


def test_letters_outside_ascii_in_the_localpart_are_no_problem() -> None:
    with zone("v=spf1 exists:%{l}._spf.remote.example ip4:192.0.2.7 -all") as server:
        assert ask(server, Address("bj\u00f6rn", "remote.example")).result is Result.PASS


def test_a_localpart_with_an_at_sign_does_not_lead_to_another_domain() -> None:
    with zone("v=spf1 ip4:192.0.2.7 -all", "bank.example") as server:
        server.add("remote.example", {"TXT": ['"v=spf1 -all"']})
        assert ask(server, Address("a@bank.example", "remote.example")).result is Result.FAIL


def test_a_record_with_bytes_outside_ascii_is_an_error() -> None:
    with FakeDns({"remote.example": {"TXT": ['"v=spf1 ip4:192.0.2.7 \\228"']}}) as server:
        assert ask(server).result is Result.PERMERROR
