"""Kind "direct": to the mail servers of the recipient's domain (RFC 5321 section 5)."""

from dataclasses import dataclass
from typing import Final

from delivery.transports.direct_delivery import deliver_direct
from delivery.transports.fields import IPV4, IPV6, LIMITS, MAX_CONNECTIONS, MAX_MESSAGES_PER_MINUTE
from delivery.transports.group import DeliveryContext, Group, GroupResult
from delivery.transports.kind import Kind
from delivery.transports.settings import SettingsReader


@dataclass(frozen=True, slots=True)
class DirectSettings:
    """Which address families are used, and limits for each recipient domain (0: none)."""

    ipv4: bool = True
    ipv6: bool = True
    max_connections: int = 0
    max_messages_per_minute: int = 0


def parse(reader: SettingsReader) -> DirectSettings:
    """The settings; what is wrong is noted in the reader."""
    settings = DirectSettings(
        ipv4=reader.switch(IPV4),
        ipv6=reader.switch(IPV6),
        max_connections=reader.number(MAX_CONNECTIONS),
        max_messages_per_minute=reader.number(MAX_MESSAGES_PER_MINUTE),
    )
    if not settings.ipv4 and not settings.ipv6:
        reader.problem(IPV6.name, "one of IPv4 and IPv6 must be used")
    return settings


async def deliver(settings: DirectSettings, group: Group, context: DeliveryContext) -> GroupResult:
    """Deliver to each domain in the group, to all at the same time."""
    return await deliver_direct(group, context, ipv4=settings.ipv4, ipv6=settings.ipv6)


KIND: Final = Kind(
    name="direct",
    parse=parse,
    deliver=deliver,
    fields=(IPV4, IPV6, *LIMITS),
    purpose="To the mail servers of the recipient’s domain, as when no route matches.",
    advice="SPF: the record of each sender domain allows the addresses of this machine, and their reverse "
    "DNS leads to its host name. DKIM: the public keys of the domains are in DNS.",
    target=lambda settings: "the recipient’s own servers",
    by_domain=True,
)
