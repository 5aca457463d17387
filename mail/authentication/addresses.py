"""IP addresses of clients. Pure."""

import ipaddress

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(text: str) -> IPAddress:
    """The address without its zone; an IPv4 address that came through an IPv6 socket is one of IPv4.

    Raises ValueError.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
