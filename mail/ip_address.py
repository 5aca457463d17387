"""IP addresses as sockets and people write them. Pure."""

import ipaddress
from functools import lru_cache

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(text: str) -> IPAddress:
    """The address without its zone; an IPv4 address that came through an IPv6 socket is one of IPv4
    (RFC 4291 section 2.5.5.2).

    Raises ValueError.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@lru_cache(maxsize=1024)
def is_loopback(text: str) -> bool:
    """Whether this is an address, and one of loopback. A name is none, whatever it leads to."""
    try:
        return client_address(text).is_loopback
    except ValueError:
        return False
