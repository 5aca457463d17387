"""Public keys as the DNS has them (RFC 6376 section 3.6.1, RFC 8463). Pure."""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mail.authentication.tags import parse_tags, without_space

SMALLEST_RSA: Final = 1024
"""Bits (RFC 8301 section 3.2)."""

LARGEST_RSA: Final = 8192
"""Bits; larger ones cost more than a message is worth."""

_RAW_ED25519: Final = 32


class KeyUnusable(ValueError):
    """The record can't be used. `weak` when it could, but for its size."""

    def __init__(self, text: str, *, weak: bool = False) -> None:
        super().__init__(text)
        self.weak = weak


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key and what its owner says about it.

    `testing` asks not to hold failures against the domain; `strict` that i= has no subdomain of d=.
    """

    key: RSAPublicKey | Ed25519PublicKey
    testing: bool
    strict: bool

    @property
    def kind(self) -> str:
        """The name that an algorithm with such a key begins with."""
        return "rsa" if isinstance(self.key, RSAPublicKey) else "ed25519"

    def verifies(self, value: bytes, digest: bytes) -> bool:
        """Whether the signature `value` is over this SHA-256 digest."""
        try:
            if isinstance(self.key, RSAPublicKey):
                self.key.verify(value, digest, PKCS1v15(), Prehashed(SHA256()))
            else:
                self.key.verify(value, digest)
        except InvalidSignature:
            return False
        return True


def read_key(text: str) -> PublicKey:
    """Read a record. Raises KeyUnusable."""
    try:
        tags = parse_tags(text)
    except ValueError as error:
        raise KeyUnusable(f"the key record can't be read: {error}") from error
    _refuse_foreign(text, tags)
    kind = tags.get("k", "rsa")
    if kind not in ("rsa", "ed25519"):
        raise KeyUnusable("the key is of an unknown kind")
    if "p" not in tags:
        raise KeyUnusable("the key record has no key")
    data = without_space(tags["p"])
    if not data:
        raise KeyUnusable("the key was revoked")
    flags = {flag.strip() for flag in tags.get("t", "").split(":")}
    try:
        key = _load(kind, b64decode(data, validate=True))
    except (binascii.Error, UnsupportedAlgorithm, ValueError) as error:
        if isinstance(error, KeyUnusable):
            raise
        raise KeyUnusable("the key can't be read") from error
    return PublicKey(key, testing="y" in flags, strict="s" in flags)


def _refuse_foreign(text: str, tags: dict[str, str]) -> None:
    """What the record says it is not for."""
    if "v" in tags and (tags["v"] != "DKIM1" or not text.lstrip().startswith("v")):
        raise KeyUnusable("the key record is of another version")
    if "h" in tags and "sha256" not in {name.strip() for name in tags["h"].split(":")}:
        raise KeyUnusable("the key is not for SHA-256")
    if not {"*", "email"} & {service.strip() for service in tags.get("s", "*").split(":")}:
        raise KeyUnusable("the key is not for mail")


def _load(kind: str, data: bytes) -> RSAPublicKey | Ed25519PublicKey:
    if kind == "ed25519" and len(data) == _RAW_ED25519:
        return Ed25519PublicKey.from_public_bytes(data)
    key = load_der_public_key(data)
    if kind == "ed25519" and isinstance(key, Ed25519PublicKey):
        return key
    if kind != "rsa" or not isinstance(key, RSAPublicKey):
        raise KeyUnusable("the key is of another kind than its record says")
    if not SMALLEST_RSA <= key.key_size <= LARGEST_RSA:
        raise KeyUnusable(f"a key of {key.key_size} bits", weak=True)
    return key
