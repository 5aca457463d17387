"""The DNS record that publishes a public key (RFC 6376 section 3.6.1, RFC 8463 section 3). Pure."""

from base64 import b64encode
from typing import Final

LONGEST_STRING: Final = 255
"""Bytes of one character-string of a TXT record (RFC 1035 section 3.3)."""


def record_name(selector: str, domain: str) -> str:
    """The name under which the record is looked up."""
    return f"{selector}._domainkey.{domain}"


def record_text(algorithm: str, public_key: bytes) -> str:
    """The text of the record in one piece, for an algorithm "rsa-…" or "ed25519"."""
    kind = "rsa" if algorithm.startswith("rsa") else algorithm
    return f"v=DKIM1; k={kind}; p={b64encode(public_key).decode('ascii')}"


def record_strings(text: str) -> list[str]:
    """The text as the strings of a TXT record; readers join them without anything between."""
    return [text[start : start + LONGEST_STRING] for start in range(0, len(text), LONGEST_STRING)]


def zone_line(name: str, text: str) -> str:
    """The record as one line of a zone file."""
    strings = " ".join(f'"{string}"' for string in record_strings(text))
    return f"{name}. IN TXT {strings}"
