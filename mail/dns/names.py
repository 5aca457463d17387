"""Domain names between text and dnspython. Always absolute: no search list is ever applied."""

import dns.exception
import dns.name

from mail.dns.errors import DnsNotFound


def absolute_name(text: str) -> dns.name.Name:
    """The absolute name that `text` means, with or without a final dot.

    Raises DnsNotFound when it is no domain name: empty labels, labels over 63 or names over 255 bytes
    (RFC 1035 section 2.3.4), or characters outside ASCII (an A-label is expected, RFC 5890).
    """
    try:
        if not text or not text.isascii():
            raise dns.name.EmptyLabel
        return dns.name.from_text(text.lower(), origin=dns.name.root)
    except (dns.exception.DNSException, ValueError):
        raise DnsNotFound(
            text, f"{text!r} is not a domain name", exists=False, canonical_name=text, authentic=False
        ) from None


def plain_text(name: dns.name.Name) -> str:
    """The name in lower case without the final dot; the root is the empty string."""
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""


def is_localhost(text: str) -> bool:
    """Whether the name means this machine wherever it is asked (RFC 6761 section 6.3)."""
    name = text.lower().removesuffix(".")
    return name == "localhost" or name.endswith(".localhost")
