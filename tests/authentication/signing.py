"""Messages signed by dkimpy, and the records that its keys are published in."""

from base64 import b64encode
from dataclasses import dataclass, field
from functools import cache

import dkim
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

DOMAIN, SELECTOR = "remote.example", "s1"
KEY_NAME = f"{SELECTOR}._domainkey.{DOMAIN}"


@cache
def rsa_key(bits: int = 2048) -> RSAPrivateKey:
    """A key; making one takes a while."""
    return generate_private_key(65537, bits)


@cache
def ed25519_key() -> Ed25519PrivateKey:
    """A key."""
    return Ed25519PrivateKey.generate()


def rsa_record(bits: int = 2048, more: str = "") -> str:
    """What the DNS has for it."""
    data = rsa_key(bits).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; {more}p={b64encode(data).decode()}"


def ed25519_record() -> str:
    """What the DNS has for it (RFC 8463 section 4)."""
    data = ed25519_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k=ed25519; p={b64encode(data).decode()}"


def in_zone(text: str) -> list[str]:
    """A TXT record in zone form."""
    return [" ".join(f'"{text[start : start + 200]}"' for start in range(0, len(text), 200))]


@dataclass
class Signer:
    """How dkimpy shall sign."""

    domain: str = DOMAIN
    selector: str = SELECTOR
    forms: tuple[bytes, bytes] = (b"relaxed", b"relaxed")
    bits: int = 2048
    length: bool = False
    names: list[bytes] = field(default_factory=lambda: [b"From", b"Subject", b"To"])

    def sign(self, message: bytes) -> bytes:
        """The message with a signature before it."""
        pem = rsa_key(self.bits).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        signature: bytes = dkim.sign(
            message,
            self.selector.encode(),
            self.domain.encode(),
            pem,
            canonicalize=self.forms,
            include_headers=self.names,
            length=self.length,
        )
        return signature + message
