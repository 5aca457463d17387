"""Which host a request is for."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

from mail.addresses.domain import AddressError, normalise_domain

_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:]*)(?::([0-9]{0,5}))?")


@dataclass(frozen=True, slots=True)
class Host:
    """A host as handlers know it: A-labels, or an IP literal without brackets; "" for one that is neither."""

    name: str
    is_ip: bool = False
    port: int | None = None


NO_HOST: Final = Host("")


@lru_cache(maxsize=4096)
def parse_host(value: str) -> Host:
    """The host of a Host header or of the authority of a URL (RFC 9110 section 7.2).

    Any spelling counts: case, a dot at the end, U-labels (also percent-encoded UTF-8 is none), brackets
    around IPv6. What can't be read is `NO_HOST`, which no handler is for.
    """
    match = _AUTHORITY.fullmatch(value.strip())
    if match is None:
        return NO_HOST
    name, port_text = match[1], match[2]
    port = int(port_text) if port_text else None
    if port is not None and not 0 < port < 65536:
        return NO_HOST
    try:
        address = ip_address(name.strip("[]"))
    except ValueError:
        return _named(name, port)
    if isinstance(address, IPv6Address) and not name.startswith("["):
        return NO_HOST
    return Host(str(address), True, port)


def url_host(name: str) -> str:
    """The host as it stands in a URL: with brackets around IPv6."""
    return f"[{name}]" if ":" in name else name


def _named(name: str, port: int | None) -> Host:
    try:
        return Host(normalise_domain(name), False, port)
    except AddressError:
        return NO_HOST
