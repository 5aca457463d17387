"""What counts as one client, and as one network of clients, when things are counted by address."""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

from mail.ip_address import IPAddress, client_address


@dataclass(frozen=True, slots=True)
class Client:
    """Where somebody comes from.

    `name` is the IPv4 address, or the /64 of an IPv6 address, which is what one household or host has.
    `network` is the /24 or /48 around it. `is_local` says that the peer is this machine: counting it would
    count everybody who comes by way of another program here, such as webmail.
    """

    name: str
    network: str
    is_local: bool


NOWHERE = Client("", "", is_local=True)
"""A peer without an address, as on a socket of this machine."""


@lru_cache(maxsize=4096)
def client_of(address: str) -> Client:
    """The client with this IP address; NOWHERE for what is no address."""
    try:
        ip = client_address(address)
    except ValueError:
        return NOWHERE
    if isinstance(ip, ipaddress.IPv6Address):
        return Client(_around(ip, 64), _around(ip, 48), ip.is_loopback)
    return Client(str(ip), _around(ip, 24), ip.is_loopback)


def _around(ip: IPAddress, bits: int) -> str:
    return str(ipaddress.ip_network((ip, bits), strict=False))
