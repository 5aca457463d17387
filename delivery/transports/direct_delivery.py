"""Delivery to the mail servers of each recipient's domain, on a direct way or through a proxy."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from delivery.metrics import DESTINATIONS
from delivery.mx import mail_exchangers
from delivery.smtp.client.failure import DeliveryFailure
from delivery.smtp.client.results import ConnectionFacts
from delivery.tlsresults.outcome import PolicyType, TlsOutcome
from delivery.transports.dialing import Host
from delivery.transports.direct_policy import (
    Destination,
    HostPolicy,
    PolicyViolation,
    domain_policy,
    host_policy,
)
from delivery.transports.direct_session import HostSessions, Way
from delivery.transports.group import DeliveryContext, Group, GroupResult, HostTry, Mail
from delivery.transports.proxy import Proxy
from delivery.transports.requiring_tls import RequiringTls, demanding
from delivery.transports.sending import send_to_host
from delivery.transports.undelivered import Undelivered


async def deliver_direct(
    group: Group,
    context: DeliveryContext,
    *,
    ipv4: bool = True,
    ipv6: bool = True,
    ehlo_name: str = "",
    proxy: Proxy | None = None,
) -> GroupResult:
    """Deliver to each domain in the group, to all at the same time.

    For each recipient the hosts are tried in order until one takes the message or refuses it for good.
    `ehlo_name` takes the place of the context's; connections are made through `proxy`, if there is one.
    """
    way = Way(ipv4, ipv6, ehlo_name or context.ehlo_name, proxy)
    parts = await asyncio.gather(
        *(
            _deliver_to_domain(domain, tls_demand, part, way, context)
            for (domain, tls_demand), part in _by_domain(demanding(group)).items()
        )
    )
    results = {key: result for part in parts for key, result in part.results.items()}
    return GroupResult(results, tuple(host_try for part in parts for host_try in part.tries))


def _by_domain(group: Group) -> Mapping[tuple[str, str], Group]:
    """The mails for each recipient domain and demand."""
    domains: dict[tuple[str, str], list[Mail]] = {}
    for mail in group.mails:
        recipients: dict[str, list[str]] = {}
        for recipient in mail.recipients:
            recipients.setdefault(recipient.rpartition("@")[2].lower(), []).append(recipient)
        for domain, its_recipients in recipients.items():
            part = replace(mail, recipients=tuple(its_recipients))
            domains.setdefault((domain, mail.tls_demand), []).append(part)
    return {key: Group(tuple(mails)) for key, mails in domains.items()}


async def _deliver_to_domain(
    domain: str, tls_demand: str, group: Group, way: Way, context: DeliveryContext
) -> GroupResult:
    undelivered = Undelivered(group, context.settled)
    try:
        exchangers = await mail_exchangers(domain, context.resolver)
        DESTINATIONS.add("yes" if exchangers.authentic else "no")
        policy = await domain_policy(domain, tls_demand, context)
    except DeliveryFailure as failure:
        undelivered.fail(failure)
        return undelivered.result()
    if policy.problem is not None and context.report is not None:
        context.report(TlsOutcome(domain, "", PolicyType.STS, policy.problem, policy.detail))
    destination = Destination(domain, exchangers, policy, tls_demand)
    requiring = RequiringTls(undelivered, tls_demand)
    for name in exchangers.hosts:
        if not undelivered:
            break
        host = Host(name, context.remote_port, exchangers.ip)
        await _deliver_to_host(host, destination, undelivered, way, context)
        requiring.note_host()
    requiring.conclude()
    return undelivered.result()


async def _deliver_to_host(
    host: Host, destination: Destination, undelivered: Undelivered, way: Way, context: DeliveryContext
) -> None:
    policy = await _policy_of(host, destination, undelivered, way, context)
    if policy is None:
        return
    sessions = HostSessions(destination, policy, way, context, undelivered.earlier)
    # An 8-bit message may have been accepted as such from a client long ago; nobody can convert it
    # now, and servers without 8BITMIME pass it on all the same.
    await send_to_host(
        host,
        sessions.open,
        undelivered,
        require_eight_bit=False,
        connections=context.connections,
        identity=(way, destination.domain, policy.identity),
        spare_first=True,
    )


async def _policy_of(
    host: Host, destination: Destination, undelivered: Undelivered, way: Way, context: DeliveryContext
) -> HostPolicy | None:
    """None when the host must not be used; that is noted then."""
    try:
        return await host_policy(host.name, destination, context, ipv4=way.ipv4, ipv6=way.ipv6)
    except PolicyViolation as violation:
        failure = violation.failure
        if context.report is not None:
            context.report(violation.outcome)
    except DeliveryFailure as error:
        failure = error
    undelivered.tried(HostTry(host.name, host.port, "", failure, 0.0))
    undelivered.fail(failure, ConnectionFacts(host.name, "", host.port, policy=destination.policy_name))
    return None
