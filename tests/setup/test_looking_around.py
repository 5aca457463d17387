import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address

import pytest

from mail import clock
from moxsite.setup.quickstart.looking import BLOCK_LISTS, PROVIDER, Place, View, look_around
from tests.world.dns import FakeDns
from tests.world.smtp_peer import Ordinary, SmtpPeer

HOST = "mail.example.org"
GOOD = {
    "com": {"NS": ["ns.com."]},
    HOST: {"A": ["192.0.2.1"]},
    "1.2.0.192.in-addr.arpa": {"PTR": [f"{HOST}."]},
    PROVIDER: {"MX": ["10 mx.gmail.com."]},
    "mx.gmail.com": {"A": ["127.0.0.1"]},
}


@pytest.fixture
def dns() -> Iterator[FakeDns]:
    with FakeDns(GOOD) as fake:
        fake.authentic.add("com")
        yield fake


@pytest.fixture
def provider() -> Iterator[SmtpPeer]:
    with SmtpPeer(Ordinary()) as peer:
        yield peer


def place(dns: FakeDns, provider: SmtpPeer) -> Place:
    return Place(
        HOST, dns.address, told_ips=(ip_address("192.0.2.1"),), listen_ips=(ip_address("127.0.0.1"),),
        services=(), smtp_port=provider.port,
    )  # fmt: skip


def seen(where: Place) -> View:
    return asyncio.run(look_around(where))


def test_where_everything_is_well_there_is_no_problem(dns: FakeDns, provider: SmtpPeer) -> None:
    view = seen(place(dns, provider))
    assert view.problems == []
    assert view.trusted_resolver == dns.address
    assert view.public_ips == ("192.0.2.1",)
    assert "Servers elsewhere can be reached at port 25." in view.good


@pytest.mark.parametrize(
    ("remove", "add", "expected"),
    [
        (HOST, {}, "has no address in DNS yet"),
        ("1.2.0.192.in-addr.arpa", {}, "has no name"),
        (PROVIDER, {}, "could not be tried"),
        ("", {"1.2.0.192.in-addr.arpa": {"PTR": ["h.isp.example."]}}, "is called h.isp.example"),
        ("", {f"1.2.0.192.{BLOCK_LISTS[0]}": {"A": ["127.0.0.2"]}}, f"is listed at {BLOCK_LISTS[0]}"),
    ],
)  # fmt: skip
def test_each_problem_is_told(
    dns: FakeDns, provider: SmtpPeer, remove: str, add: dict[str, dict[str, list[str]]], expected: str
) -> None:
    if remove:
        dns.remove(remove)
    for name, records in add.items():
        dns.add(name, records)
    problems = seen(place(dns, provider)).problems
    assert len(problems) == 1, problems
    assert expected in problems[0]


def test_a_list_that_refuses_to_answer_says_nothing(dns: FakeDns, provider: SmtpPeer) -> None:
    dns.add(f"1.2.0.192.{BLOCK_LISTS[0]}", {"A": ["127.255.255.254"]})
    assert seen(place(dns, provider)).problems == []


def test_a_resolver_that_does_not_validate_is_not_trusted(dns: FakeDns, provider: SmtpPeer) -> None:
    dns.authentic.clear()
    view = seen(place(dns, provider))
    assert view.trusted_resolver is None
    assert "MOXSITE_RESOLVER" in view.problems[0]


def test_behind_nat_the_name_says_what_the_world_sees(dns: FakeDns, provider: SmtpPeer) -> None:
    view = seen(replace(place(dns, provider), told_ips=()))
    assert view.nat
    assert view.public_ips == ("192.0.2.1",)
    dns.add(HOST, {"A": ["10.0.0.5"]})
    view = seen(replace(place(dns, provider), told_ips=()))
    assert view.public_ips == ()
    assert any("MOXSITE_PUBLIC_IPS" in problem for problem in view.problems)


def test_a_taken_port_is_named(dns: FakeDns, provider: SmtpPeer) -> None:
    where = replace(place(dns, provider), services=("smtp",), port_offset=provider.port - 25)
    assert any(f"Port {provider.port}" in problem for problem in seen(where).problems)


def test_port_25_that_leads_nowhere_hints_at_relays(dns: FakeDns, provider: SmtpPeer) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        where = replace(place(dns, provider), smtp_port=silent.getsockname()[1])
        assert any("relay" in problem for problem in seen(where).problems)


def test_silence_costs_its_deadline_and_no_more(dns: FakeDns, provider: SmtpPeer) -> None:
    never = threading.Event()
    for name in ("1.2.0.192.in-addr.arpa", PROVIDER, *(f"1.2.0.192.{zone}" for zone in BLOCK_LISTS)):
        dns.fail(name, "slow", event=never)
    began = clock.monotonic()
    view = seen(replace(place(dns, provider), seconds=1.0))
    assert len(view.problems) == 4, view.problems
    assert clock.monotonic() - began < 20
    assert view.public_ips == ("192.0.2.1",)
