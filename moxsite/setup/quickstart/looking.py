"""Looking around on a machine and in DNS, every question with a deadline of its own. Pure."""

import asyncio
import socket
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final, TypeVar

import dns.reversename

from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.resolver import Resolver
from mail.ip_address import IPAddress
from mail.process.listening import CannotListen, close_sockets, open_listening_sockets
from moxsite.setup.public_ips import is_public, outgoing_addresses

SECONDS: Final = 10.0
BLOCK_LISTS: Final = ("zen.spamhaus.org", "bl.spamcop.net")
PROVIDER: Final = "gmail.com"
LOCAL_RESOLVER: Final = ("127.0.0.1", 53)

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how to look: what is configured already, and what tests exchange."""

    hostname: str
    resolver: tuple[str, int] | None = None
    told_ips: tuple[IPAddress, ...] = ()
    listen_ips: tuple[IPAddress, ...] = ()
    services: tuple[str, ...] = ("smtp", "submissions", "submission", "http", "https")
    port_offset: int = 0
    smtp_port: int = 25
    seconds: float = SECONDS


@dataclass(slots=True)
class View:
    """What was seen. `trusted_resolver` validates DNSSEC; `nat`: the machine has private addresses only.

    `public_ips` are the addresses as the world sees them, as far as they are known. `good` and `problems` are
    sentences, for those who read.
    """

    hostname: str
    public_ips: tuple[str, ...] = ()
    nat: bool = False
    trusted_resolver: tuple[str, int] | None = None
    good: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


async def look_around(place: Place) -> View:
    """All questions. None of them fails the others, or this. Takes about two times the deadline at most."""
    view = View(place.hostname)
    await _within(view, "the resolver", _look_at_resolver(place, view), place.seconds)
    resolver = Resolver(
        view.trusted_resolver or place.resolver,
        trusted=view.trusted_resolver is not None,
        deadline_seconds=place.seconds,
        try_seconds=min(3.0, place.seconds),
    )
    await _within(view, "the addresses", _look_at_addresses(place, view, resolver), place.seconds)
    questions: list[tuple[str, Coroutine[Any, Any, None]]] = [
        ("the hosts file", _look_at_hosts_file(place, view)),
        ("outgoing port 25", _look_at_outgoing(place, view, resolver)),
        ("free ports", _look_at_ports(place, view)),
    ]
    for ip in view.public_ips:
        questions.append((f"the name of {ip}", _look_at_reverse(place, view, resolver, ip)))
        questions += [
            (f"{ip} in {zone}", _look_at_block_list(view, resolver, ip, zone)) for zone in BLOCK_LISTS
        ]
    await asyncio.gather(*(_within(view, what, question, place.seconds) for what, question in questions))
    return view


async def _within(view: View, what: str, question: Coroutine[Any, Any, None], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await question
    except TimeoutError:
        view.problems.append(f"No answer about {what} within {seconds:g} s.")
    except (DnsTemporary, OSError) as error:
        view.problems.append(f"Nothing could be found out about {what}: {error}.")


async def _look_at_resolver(place: Place, view: View) -> None:
    """A resolver that validates, the configured one or one on this machine, is trusted."""
    for candidate in dict.fromkeys((place.resolver or LOCAL_RESOLVER, LOCAL_RESOLVER)):
        resolver = Resolver(candidate, trusted=True, deadline_seconds=place.seconds / 3, try_seconds=1.0)
        try:
            answer = await resolver.ns("com")
        except (DnsNotFound, DnsTemporary):
            continue
        if answer.authentic:
            view.trusted_resolver = candidate
            view.good.append(f"The resolver at {candidate[0]} verifies DNSSEC.")
            return
    view.problems.append(
        "No resolver that verifies DNSSEC answers at 127.0.0.1: mail to domains that publish their keys "
        "(DANE) is protected less well. Install unbound, then set MOXSITE_RESOLVER=127.0.0.1."
    )


async def _look_at_addresses(place: Place, view: View, resolver: Resolver) -> None:
    """Those of the machine, unless they are private; then those that its name has."""
    own = [ip for ip in place.listen_ips if not ip.is_unspecified] or outgoing_addresses()
    public = place.told_ips or [ip for ip in own if is_public(ip)]
    named: tuple[str, ...] = ()
    try:
        named = (await resolver.addresses(place.hostname)).records
    except DnsNotFound:
        view.problems.append(f"{place.hostname} has no address in DNS yet.")
    view.nat = not any(is_public(ip) for ip in own)
    if public:
        view.public_ips = tuple(str(ip) for ip in public)
    else:
        view.public_ips = tuple(ip for ip in named if is_public(ip_address(ip)))
    if view.nat and view.public_ips:
        view.good.append(f"This machine is behind NAT; the world sees {', '.join(view.public_ips)}.")
    elif view.nat:
        view.problems.append(
            "This machine has private addresses only, and its name says no others. Set MOXSITE_PUBLIC_IPS to "
            "those that the world sees, and forward the ports 25, 465, 587, 80 and 443 to it."
        )
    elif named and (missing := [ip for ip in view.public_ips if ip not in named]):
        view.problems.append(f"{place.hostname} leads to {', '.join(named)}, not to {', '.join(missing)}.")
    elif named:
        view.good.append(f"{place.hostname} leads to {', '.join(named)}.")


async def _look_at_hosts_file(place: Place, view: View) -> None:
    """What programs of this machine take its name for."""
    found = await asyncio.to_thread(_local_addresses, place.hostname)
    if loopback := [ip for ip in found if ip_address(ip).is_loopback]:
        view.problems.append(
            f"On this machine {place.hostname} is {', '.join(loopback)}: remove that line from /etc/hosts."
        )


def _local_addresses(hostname: str) -> list[str]:
    try:
        found = socket.getaddrinfo(hostname, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


async def _look_at_reverse(place: Place, view: View, resolver: Resolver, ip: str) -> None:
    try:
        names = (await resolver.ptr(ip)).records
    except DnsNotFound:
        names = ()
    if place.hostname in names:
        view.good.append(f"{ip} is called {place.hostname}.")
    else:
        called = f"is called {', '.join(names)}" if names else "has no name"
        view.problems.append(
            f"{ip} {called}. Have whoever gave you the address call it {place.hostname} (reverse DNS): many "
            "servers refuse mail otherwise."
        )


async def _look_at_outgoing(place: Place, view: View, resolver: Resolver) -> None:
    """Whether a large provider's server answers at port 25; networks often block it."""
    try:
        hosts = [record.host for record in (await resolver.mx(PROVIDER)).records if not record.is_null]
        ips = [ip for host in hosts[:1] for ip in (await resolver.addresses(host)).records]
    except DnsNotFound:
        ips = []
    if not ips:
        view.problems.append(f"Outgoing port 25 could not be tried: {PROVIDER} has no mail server in DNS.")
        return
    if await _any_answers(ips[:4], place.smtp_port, place.seconds * 0.8):
        view.good.append("Servers elsewhere can be reached at port 25.")
    else:
        view.problems.append(
            "No server elsewhere could be reached at port 25. Ask your provider to open it, or send through "
            "a relay: add a transport of kind submission, and a route to it."
        )


async def _any_answers(ips: Sequence[str], port: int, seconds: float) -> bool:
    async def greeted(ip: str) -> bool:
        reader, writer = await asyncio.open_connection(ip, port)
        try:
            return (await reader.readline()).startswith(b"220")
        finally:
            writer.close()

    async def tried(ip: str) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await greeted(ip)
        except (OSError, TimeoutError, ValueError):
            return False

    return any(await asyncio.gather(*map(tried, ips)))


async def _look_at_block_list(view: View, resolver: Resolver, ip: str, zone: str) -> None:
    reverse = dns.reversename.from_address(ip).to_text(omit_final_dot=True)
    name = f"{reverse.removesuffix('.in-addr.arpa').removesuffix('.ip6.arpa')}.{zone}"
    try:
        answers = (await resolver.addresses(name, ipv6=False)).records
    except DnsNotFound:
        view.good.append(f"{ip} is not listed at {zone}.")
        return
    if any(answer.startswith("127.255.255.") for answer in answers):
        return  # the list does not answer this resolver
    view.problems.append(
        f"{ip} is listed at {zone}: servers that ask there refuse its mail. Its pages say how to be removed."
    )


async def _look_at_ports(place: Place, view: View) -> None:
    try:
        sockets = open_listening_sockets(place.services, place.listen_ips, place.port_offset)
    except CannotListen as error:
        view.problems += [problem for problem in error.problems if "permission" not in problem]
        return
    close_sockets(sockets)
    view.good.append("The ports are free.")
