"""From the name of a host to a TCP connection to one of its addresses."""

import asyncio
from dataclasses import dataclass

from delivery.smtp.client.connect import connect
from delivery.smtp.client.connection import Connection
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from delivery.transports.group import DeliveryContext
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


async def dial(host: Host, context: DeliveryContext, *, ipv4: bool = True, ipv6: bool = True) -> Dialled:
    """Connect to the first address of the host that answers.

    All lookups and tries share the time for connecting; each address gets an equal part of what is left.
    Raises DeliveryFailure with stage resolve or connect, always temporary.
    """
    started = clock.monotonic()
    addresses = [host.ip] if host.ip else await resolve(host.name, context, ipv4=ipv4, ipv6=ipv6)
    deadline = started + context.timeouts.connect
    failures: list[DeliveryFailure] = []
    for number, ip in enumerate(addresses):
        share = max(0.0, deadline - clock.monotonic()) / (len(addresses) - number)
        try:
            connection = await connect(
                ip, host.port, seconds=share, source_ips=context.source_ips, observer=context.observer
            )
        except DeliveryFailure as failure:
            failures.append(failure)
        else:
            return Dialled(connection, ip, clock.monotonic() - started)
    raise _all_failed(failures)


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
