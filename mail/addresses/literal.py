"""Address literals: an IP address in the place of a domain (RFC 5321 section 4.1.3)."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from mail.addresses.domain import AddressError


def normalise_literal(text: str) -> str:
    """The literal in its one spelling: [192.0.2.1] or [IPv6:2001:db8::1].

    An IPv6 address without its tag is accepted. Raises AddressError, also for zones and other tags.
    """
    if not (text.startswith("[") and text.endswith("]")):
        raise AddressError("an address literal stands in brackets, as in [192.0.2.1]")
    inner = text[1:-1]
    tagged = inner[:5].lower() == "ipv6:"
    try:
        address = IPv6Address(inner[5:]) if tagged else ip_address(inner)
    except ValueError:
        raise AddressError("the address literal holds no IP address") from None
    if isinstance(address, IPv4Address):
        return f"[{address}]"
    if address.scope_id is not None:
        raise AddressError("the address literal holds an address with a zone")
    return f"[IPv6:{address}]"


def literal_address(domain: str) -> IPv4Address | IPv6Address:
    """The IP address of a literal as `normalise_literal` writes it. Raises AddressError for anything else."""
    try:
        return ip_address(domain.removeprefix("[").removesuffix("]").removeprefix("IPv6:"))
    except ValueError:
        raise AddressError("the domain is no address literal") from None
