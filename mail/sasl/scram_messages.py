"""The messages of SCRAM: names, attributes and numbers as they are written (RFC 5802 section 7).

Functions that read raise ValueError; UnicodeDecodeError and binascii.Error are among its kinds.
"""

import base64
import re
from typing import Final

from mail.sasl.binding import ChannelBinding

NAMES: Final = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1")
"""The mechanisms, strongest first. A -PLUS one binds the login to the TLS connection."""

PLUS: Final = "-PLUS"

_NONCE: Final = re.compile(r"[!-+\--~]+")  # printable ASCII without the comma
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}")
_BAD_ESCAPE: Final = re.compile(r"=(?!2C|3D)")


def hash_of(mechanism: str) -> str:
    """The hash in the name of a mechanism, a key of mail.sasl.scram_keys.HASHES."""
    return mechanism.removeprefix("SCRAM-").removesuffix(PLUS)


def is_plus(mechanism: str) -> bool:
    """Whether the mechanism binds to the TLS connection."""
    return mechanism.endswith(PLUS)


def bound_input(gs2_header: str, binding: ChannelBinding | None) -> bytes:
    """What attribute "c" holds: the header of the first message, and the binding's data if it is used."""
    return gs2_header.encode() + (binding.data if binding is not None else b"")


def escape_name(name: str) -> str:
    """A user name as attribute value (saslname)."""
    return name.replace("=", "=3D").replace(",", "=2C")


def unescape_name(text: str) -> str:
    """The user name of an attribute value."""
    if not text or _BAD_ESCAPE.search(text) or "\0" in text:
        raise ValueError("not a user name")
    return text.replace("=2C", ",").replace("=3D", "=")


def read_attributes(text: str) -> list[tuple[str, str]]:
    """Letter and value of each attribute, in their order."""
    attributes = []
    for part in text.split(","):
        if not (part[:1].isascii() and part[:1].isalpha() and part[1:2] == "="):
            raise ValueError("not an attribute")
        attributes.append((part[0], part[2:]))
    return attributes


def read_nonce(text: str) -> str:
    """A nonce."""
    if not _NONCE.fullmatch(text):
        raise ValueError("not a nonce")
    return text


def read_number(text: str) -> int:
    """A positive number."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return int(text)


def to_base64(data: bytes) -> str:
    """Octets as attribute value."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """The octets of an attribute value."""
    return base64.b64decode(text, validate=True)
