"""From the name of a host to a TCP connection to one of its addresses."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from delivery.smtp.client.connect import connect
from delivery.smtp.client.connection import Connection
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from delivery.transports.addresses import ordered_addresses
from delivery.transports.group import DeliveryContext
from delivery.transports.proxy import Proxy, ProxyFailure, connect_through, proxy_failure
from mail import clock
from mail.dns.errors import DnsNotFound, DnsTemporary

ADDRESS_LIMIT = 10
"""Addresses of one host that are tried: a host with more must not keep others waiting."""

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Host:
    """A server to connect to, by name, or by `ip` when the domain was an address literal."""

    name: str
    port: int
    ip: str = ""


@dataclass(frozen=True, slots=True)
class Dialled:
    """A connection and where it leads. `seconds` were spent on resolving and connecting."""

    connection: Connection
    ip: str
    seconds: float


async def dial(
    host: Host,
    context: DeliveryContext,
    *,
    ipv4: bool = True,
    ipv6: bool = True,
    earlier: Sequence[str] = (),
    proxy: Proxy | None = None,
) -> Dialled:
    """Connect to the first address of the host that answers, through the proxy if there is one.

    `earlier` are addresses of this host that took a connection in earlier attempts of the same message. All
    lookups and tries share the time for connecting; each address gets an equal part of what is left.
    Raises DeliveryFailure with stage resolve or connect, always temporary.
    """
    started = clock.monotonic()
    addresses = [host.ip] if host.ip else await resolve(host.name, context, ipv4=ipv4, ipv6=ipv6)
    proxy_ips = await _resolve_proxy(proxy, context) if proxy else []
    deadline = started + context.timeouts.connect
    dual_stack = len({":" in ip for ip in addresses}) > 1
    addresses = ordered_addresses(addresses, earlier)
    failures: list[DeliveryFailure] = []
    for number, ip in enumerate(addresses):
        share = max(0.0, deadline - clock.monotonic()) / (len(addresses) - number)
        try:
            connection = await _connect(ip, host.port, share, context, proxy, proxy_ips)
        except ProxyFailure:
            raise
        except DeliveryFailure as failure:
            failures.append(failure)
        else:
            connection.dual_stack = dual_stack
            return Dialled(connection, ip, clock.monotonic() - started)
    raise _all_failed(failures)


async def _connect(
    ip: str, port: int, seconds: float, context: DeliveryContext, proxy: Proxy | None, proxy_ips: list[str]
) -> Connection:
    """One address. Of several addresses of the proxy the first one that works is taken."""
    if proxy is None:
        return await connect(
            ip, port, seconds=seconds, source_ips=context.source_ips, observer=context.observer
        )
    deadline = clock.monotonic() + seconds
    for number, proxy_ip in enumerate(proxy_ips, 1):
        share = max(0.0, deadline - clock.monotonic()) / (len(proxy_ips) - number + 1)
        try:
            return await connect_through(proxy, proxy_ip, ip, port, seconds=share, observer=context.observer)
        except ProxyFailure:
            if number == len(proxy_ips):
                raise
    raise AssertionError("a proxy has at least one address")


async def _resolve_proxy(proxy: Proxy, context: DeliveryContext) -> list[str]:
    if proxy.ip:
        return [proxy.ip]
    try:
        return await resolve(proxy.host, context, ipv4=True, ipv6=True)
    except DeliveryFailure as failure:
        raise proxy_failure(proxy, f"can't be found: {failure.public.text}") from failure


def _all_failed(failures: list[DeliveryFailure]) -> DeliveryFailure:
    """One failure that names the first addresses that were tried; its address is the last one."""
    text = "; ".join(failure.public.text for failure in failures[:_NAMED])
    if len(failures) > _NAMED:
        text += f"; and {len(failures) - _NAMED} more addresses"
    failure = local_failure(Stage.CONNECT, 451, "4.4.1", text)
    failure.ip = failures[-1].ip
    return failure


async def resolve(name: str, context: DeliveryContext, *, ipv4: bool, ipv6: bool) -> list[str]:
    """The addresses of a host that may be used, at least one.

    Raises DeliveryFailure with stage resolve. A host without addresses is temporary: it is another one's
    entry in DNS that is wrong, and it may be put right.
    """
    try:
        async with asyncio.timeout(context.timeouts.connect):
            answer = await context.resolver.addresses(name, ipv4=ipv4, ipv6=ipv6)
    except TimeoutError:
        text = f"the addresses of {name} could not be looked up in time"
        raise local_failure(Stage.RESOLVE, 451, "4.4.3", text) from None
    except DnsTemporary as error:
        raise local_failure(Stage.RESOLVE, 451, "4.4.3", str(error)) from error
    except DnsNotFound as error:
        raise local_failure(Stage.RESOLVE, 451, "4.4.4", f"{error}{_family(ipv4, ipv6)}") from error
    return list(answer.records[:ADDRESS_LIMIT])


def _family(ipv4: bool, ipv6: bool) -> str:
    if ipv4 and ipv6:
        return ""
    return " (only IPv4 is used)" if ipv4 else " (only IPv6 is used)"
