"""The addresses by which the world reaches this machine, as far as the machine itself can tell. Pure."""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final

from mail.ip_address import IPAddress

_NOT_PUBLIC: Final = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::/127",
        "fc00::/7",
        "fe80::/10",
    )
)
_FAR_AWAY: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def public_ips(told: Sequence[IPAddress], listening: Sequence[IPAddress]) -> tuple[str, ...]:
    """Those that were told; else those listened on, or used towards others, that are no private ones.

    Nothing when that leaves none: behind NAT a machine does not know its addresses.
    """
    if told:
        return tuple(str(ip) for ip in told)
    explicit = [ip for ip in listening if not ip.is_unspecified]
    return tuple(str(ip) for ip in (explicit or outgoing_addresses()) if is_public(ip))


def is_public(ip: IPAddress) -> bool:
    """Whether others could reach it."""
    return not any(ip in network for network in _NOT_PUBLIC)


def outgoing_addresses() -> list[IPAddress]:
    """The addresses that this machine uses towards others, one of each family. Nothing is sent."""
    found: list[IPAddress] = []
    for family, target in _FAR_AWAY:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((target, 9))
                text = probe.getsockname()[0]
        except OSError:
            continue
        found.append(IPv4Address(text) if family == socket.AF_INET else IPv6Address(text.partition("%")[0]))
    return found
