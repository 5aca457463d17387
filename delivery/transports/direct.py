"""Kind "direct": to the mail servers of the recipient's domain (RFC 5321 section 5)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from delivery.mx import mail_exchangers
from delivery.smtp.client.failure import DeliveryFailure, Stage
from delivery.smtp.client.session import Greeter, Session, open_session
from delivery.smtp.client.tls import TlsMode, TlsPolicy
from delivery.transports.dialing import Dialled, Host, dial
from delivery.transports.group import DeliveryContext, Group, GroupResult, Mail
from delivery.transports.sending import send_to_host
from delivery.transports.settings import FieldProblem, InvalidSettings, SettingsReader
from delivery.transports.undelivered import Undelivered

_OPPORTUNISTIC = TlsPolicy(TlsMode.OPPORTUNISTIC, verify=False)
_CLEAR_TEXT = TlsPolicy(TlsMode.NONE, verify=False)


@dataclass(frozen=True, slots=True)
class DirectSettings:
    """Which address families are used."""

    ipv4: bool = True
    ipv6: bool = True

    @classmethod
    def validate(cls, settings: Mapping[str, object]) -> list[FieldProblem]:
        """Everything that is wrong with the settings."""
        return _read(settings)[1]

    @classmethod
    def read(cls, settings: Mapping[str, object]) -> Self:
        """Raises InvalidSettings."""
        (ipv4, ipv6), problems = _read(settings)
        if problems:
            raise InvalidSettings(problems)
        return cls(ipv4, ipv6)


def _read(settings: Mapping[str, object]) -> tuple[tuple[bool, bool], list[FieldProblem]]:
    reader = SettingsReader(settings)
    ipv4 = reader.boolean("ipv4", True)
    ipv6 = reader.boolean("ipv6", True)
    if not ipv4 and not ipv6:
        reader.problem("ipv6", "one of IPv4 and IPv6 must be used")
    reader.finish()
    return (ipv4, ipv6), reader.problems


async def deliver(settings: DirectSettings, group: Group, context: DeliveryContext) -> GroupResult:
    """Deliver to each domain in the group, to all at the same time.

    For each recipient the hosts are tried in order until one takes the message or refuses it for good.
    """
    domains = _by_domain(group)
    parts = await asyncio.gather(
        *(_deliver_to_domain(domain, part, settings, context) for domain, part in domains.items())
    )
    results = {key: result for part in parts for key, result in part.results.items()}
    return GroupResult(results, tuple(host_try for part in parts for host_try in part.tries))


def _by_domain(group: Group) -> dict[str, Group]:
    domains: dict[str, list[Mail]] = {}
    for mail in group.mails:
        recipients: dict[str, list[str]] = {}
        for recipient in mail.recipients:
            recipients.setdefault(recipient.rpartition("@")[2].lower(), []).append(recipient)
        for domain, its_recipients in recipients.items():
            domains.setdefault(domain, []).append(replace(mail, recipients=tuple(its_recipients)))
    return {domain: Group(tuple(mails)) for domain, mails in domains.items()}


async def _deliver_to_domain(
    domain: str, group: Group, settings: DirectSettings, context: DeliveryContext
) -> GroupResult:
    undelivered = Undelivered(group, context.settled)
    route = _DirectRoute(settings, context)
    try:
        exchangers = await mail_exchangers(domain, context.resolver)
    except DeliveryFailure as failure:
        undelivered.fail(failure)
        return undelivered.result()
    for name in exchangers.hosts:
        if not undelivered:
            break
        host = Host(name, context.remote_port, exchangers.ip)
        # An 8-bit message may have been accepted as such from a client long ago; nobody can convert it
        # now, and servers without 8BITMIME pass it on all the same.
        await send_to_host(host, route.open_session, undelivered, require_eight_bit=False)
    return undelivered.result()


class _DirectRoute:
    """Opens sessions with opportunistic TLS: any encryption is better than none (RFC 7435)."""

    def __init__(self, settings: DirectSettings, context: DeliveryContext) -> None:
        self._settings = settings
        self._context = context

    async def open_session(self, host: Host) -> Session:
        """Where TLS does not work, once more in clear text. Raises DeliveryFailure."""
        dialled = await dial(host, self._context, ipv4=self._settings.ipv4, ipv6=self._settings.ipv6)
        try:
            return await self._open(host, dialled, _OPPORTUNISTIC)
        except DeliveryFailure as failure:
            if not _is_about_tls(failure, dialled):
                raise
        dialled = await dial(Host(host.name, host.port, dialled.ip), self._context)
        return await self._open(host, dialled, _CLEAR_TEXT)

    async def _open(self, host: Host, dialled: Dialled, tls: TlsPolicy) -> Session:
        context = self._context
        greeter = Greeter(context.ehlo_name, tls, context.trust, timeouts=context.timeouts)
        return await open_session(
            dialled.connection,
            host.ip or host.name,
            dialled.ip,
            host.port,
            greeter,
            connect_seconds=dialled.seconds,
        )


def _is_about_tls(failure: DeliveryFailure, dialled: Dialled) -> bool:
    """With TLS 1.3 a server's rejection of our handshake arrives only when we wait for its next reply."""
    if failure.stage in (Stage.STARTTLS, Stage.TLS):
        return True
    return failure.stage is Stage.EHLO and not failure.remote and dialled.connection.tls is not None
