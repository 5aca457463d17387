"""Kind "socks": to the mail servers of the recipient's domain, through a SOCKS5 proxy.

MX, addresses and TLSA records are looked up here; the proxy is told an IP address and a port.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from delivery.transports.direct_delivery import deliver_direct
from delivery.transports.fields import (
    IPV4,
    IPV6,
    LIMITS,
    MAX_CONNECTIONS,
    MAX_MESSAGES_PER_MINUTE,
    SecretField,
    TextField,
    WordsField,
)
from delivery.transports.group import DeliveryContext, Group, GroupResult
from delivery.transports.kind import Kind
from delivery.transports.proxy import Proxy, parse_proxy_address
from delivery.transports.settings import SettingsReader

LONGEST_LOGIN: Final = 255
"""Bytes of user name and of password (RFC 1929 section 2)."""

_ADDRESS: Final = TextField(
    name="address",
    label="Address",
    help_text="Of the proxy, with its port: 127.0.0.1:9050, proxy.example.org:1080, [2001:db8::1]:1080.",
    longest=270,
)
_USERNAME: Final = TextField(name="username", label="User name", help_text="Empty: no login at the proxy.")
_PASSWORD: Final = SecretField(name="password", label="Password", longest=LONGEST_LOGIN)
_REMOTE_IPS: Final = WordsField(
    name="remote_ips",
    label="Addresses outside",
    help_text="The IP addresses from which the world sees the mail come, for SPF and reverse DNS.",
)
_REMOTE_HOSTNAME: Final = TextField(
    name="remote_hostname",
    label="EHLO name",
    help_text="The name of those addresses. Empty: this machine’s host name.",
)


@dataclass(frozen=True, slots=True)
class SocksSettings:
    """A proxy, the addresses it is said to have outside, and how servers are reached through it."""

    proxy: Proxy
    remote_ips: tuple[str, ...] = ()
    ipv4: bool = True
    ipv6: bool = True
    max_connections: int = 0
    max_messages_per_minute: int = 0


def parse(reader: SettingsReader) -> SocksSettings:
    """The settings; what is wrong is noted in the reader."""
    settings = SocksSettings(
        proxy=_parse_proxy(reader),
        remote_ips=reader.ips(_REMOTE_IPS.name),
        ipv4=reader.switch(IPV4),
        ipv6=reader.switch(IPV6),
        max_connections=reader.number(MAX_CONNECTIONS),
        max_messages_per_minute=reader.number(MAX_MESSAGES_PER_MINUTE),
    )
    if not settings.ipv4 and not settings.ipv6:
        reader.problem(IPV6.name, "one of IPv4 and IPv6 must be used")
    return settings


def _parse_proxy(reader: SettingsReader) -> Proxy:
    host, port = "", 0
    address = reader.line(_ADDRESS)
    try:
        host, port = parse_proxy_address(address)
    except ValueError as error:
        reader.problem(_ADDRESS.name, str(error) if reader.given(_ADDRESS.name) else "is needed")
    username = reader.line(_USERNAME)
    password = reader.text(_PASSWORD.name, _PASSWORD.longest)
    for name, value in ((_USERNAME.name, username), (_PASSWORD.name, password)):
        if not value.isascii():
            reader.problem(name, "must be plain ASCII")
    if password and not username:
        reader.problem(_USERNAME.name, "is needed for a login")
    ehlo_name = reader.line(_REMOTE_HOSTNAME)
    if ehlo_name:
        ehlo_name = reader.host(_REMOTE_HOSTNAME.name, ehlo_name)
    return Proxy(host, port, username, password, ehlo_name)


async def deliver(settings: SocksSettings, group: Group, context: DeliveryContext) -> GroupResult:
    """Deliver to each domain in the group, to all at the same time."""
    return await deliver_direct(
        group,
        context,
        ipv4=settings.ipv4,
        ipv6=settings.ipv6,
        ehlo_name=settings.proxy.ehlo_name,
        proxy=settings.proxy,
    )


def _target(settings: Mapping[str, object]) -> str:
    return f"the recipient’s own servers, through {settings.get('address', '')}"


KIND: Final = Kind(
    name="socks",
    parse=parse,
    deliver=deliver,
    fields=(_ADDRESS, _USERNAME, _PASSWORD, _REMOTE_IPS, _REMOTE_HOSTNAME, IPV4, IPV6, *LIMITS),
    purpose="To the mail servers of the recipient’s domain, through a SOCKS5 proxy. Relays can be reached "
    "through it too.",
    advice="SPF: the record of each sender domain allows the addresses outside, as the world sees them; "
    "their reverse DNS leads to the EHLO name. Which addresses the proxy really uses can’t be seen from here."
    " DKIM: as with direct delivery.",
    target=_target,
    by_domain=True,
)
