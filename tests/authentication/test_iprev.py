"""The reverse DNS of clients."""

import asyncio

import pytest

from mail.authentication.iprev import MOST_NAMES, check_iprev
from mail.authentication.results import IprevResult, Result
from mail.dns.resolver import Resolver
from tests.world.dns import FakeDns

REVERSE = "7.2.0.192.in-addr.arpa"


def look(server: FakeDns, ip: str = "192.0.2.7") -> IprevResult:
    return asyncio.run(check_iprev(Resolver(server.address), ip, 5))


@pytest.mark.parametrize(
    ("names", "addresses", "result", "name"),
    [
        (["mail.remote.example."], ["192.0.2.7"], Result.PASS, "mail.remote.example"),
        (["mail.remote.example."], ["192.0.2.8", "192.0.2.7"], Result.PASS, "mail.remote.example"),
        (["mail.remote.example."], ["192.0.2.8"], Result.FAIL, "mail.remote.example"),
        (["gone.example.", "mail.remote.example."], ["192.0.2.7"], Result.PASS, "mail.remote.example"),
        (["gone.example."], ["192.0.2.7"], Result.FAIL, "gone.example"),
        ([], ["192.0.2.7"], Result.PERMERROR, ""),
    ],
)
def test_a_name_has_to_lead_back(names: list[str], addresses: list[str], result: Result, name: str) -> None:
    with FakeDns({REVERSE: {"PTR": names}, "mail.remote.example": {"A": addresses}}) as server:
        assert look(server) == IprevResult(result, "192.0.2.7", name)


def test_ipv6_and_mapped_ipv4() -> None:
    reverse = "7." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa"
    zones = {reverse: {"PTR": ["six.example."]}, "six.example": {"AAAA": ["2001:db8::7"]}}
    zones |= {REVERSE: {"PTR": ["four.example."]}, "four.example": {"A": ["192.0.2.7"]}}
    with FakeDns(zones) as server:
        assert look(server, "2001:0db8::7").name == "six.example"
        assert look(server, "::ffff:192.0.2.7") == IprevResult(Result.PASS, "192.0.2.7", "four.example")


def test_no_answer_is_a_temporary_error() -> None:
    with FakeDns({REVERSE: {"PTR": ["mail.remote.example."]}}) as server:
        server.fail("mail.remote.example", "servfail")
        assert look(server).result is Result.TEMPERROR
        server.fail(REVERSE, "servfail")
        assert look(server).result is Result.TEMPERROR


def test_a_client_with_very_many_names_costs_few_questions() -> None:
    with FakeDns({REVERSE: {"PTR": [f"n{number}.example." for number in range(60)]}}) as server:
        assert look(server).result is Result.FAIL
        assert sum(kind == "A" for _, kind in server.queries) == MOST_NAMES


def test_what_is_no_address_has_no_name() -> None:
    with FakeDns() as server:
        assert look(server, "unknown").result is Result.PERMERROR
