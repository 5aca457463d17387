"""SCRAM verifiers: what is stored instead of a password (RFC 5802 section 3, RFC 7677)."""

import base64
import hmac
from dataclasses import dataclass, field
from hashlib import new as new_hash
from hashlib import pbkdf2_hmac
from typing import Final

from mail.sasl.preparation import UnusablePassword, prepare_password

DEFAULT_ITERATIONS: Final = 10_000
SALT_LENGTH: Final = 16
"""Octets of a new salt."""

HASHES: Final = {"SHA-1": "sha1", "SHA-256": "sha256"}
"""Hash names as in the names of mechanisms, and as hashlib knows them."""


@dataclass(frozen=True, slots=True)
class ScramVerifier:
    """Checks a password, or proves the server's knowledge of it, without containing it.

    `hash_name` is a key of HASHES, as in the mechanism SCRAM-<hash_name>.
    """

    hash_name: str
    salt: bytes
    iterations: int
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)

    def matches(self, password: str) -> bool:
        """Whether this is the password. Takes milliseconds of processor time; not for an event loop."""
        try:
            other = make_verifier(password, self.hash_name, self.salt, self.iterations)
        except UnusablePassword:
            return False
        return hmac.compare_digest(self.stored_key, other.stored_key)

    def encode(self) -> str:
        """The verifier as text for storage (RFC 5803 section 2)."""
        salt, stored_key, server_key = map(_to_base64, (self.salt, self.stored_key, self.server_key))
        return f"SCRAM-{self.hash_name}${self.iterations}:{salt}${stored_key}:{server_key}"


def make_verifier(password: str, hash_name: str, salt: bytes, iterations: int) -> ScramVerifier:
    """The verifier of a password.

    Takes milliseconds of processor time; not for an event loop. Raises
    mail.sasl.preparation.UnusablePassword for the password, ValueError for the other parameters.
    """
    if hash_name not in HASHES:
        raise ValueError(f"the hash of a SCRAM verifier is one of {', '.join(HASHES)}, not {hash_name}")
    if not salt or iterations < 1:
        raise ValueError("a SCRAM verifier needs a salt and at least one iteration")
    algorithm = HASHES[hash_name]
    salted_password = pbkdf2_hmac(algorithm, prepare_password(password), salt, iterations)
    client_key = hmac.digest(salted_password, b"Client Key", algorithm)
    stored_key = new_hash(algorithm, client_key).digest()
    server_key = hmac.digest(salted_password, b"Server Key", algorithm)
    return ScramVerifier(hash_name, salt, iterations, stored_key, server_key)


def decode_verifier(text: str) -> ScramVerifier:
    """The verifier that `ScramVerifier.encode` wrote. Raises ValueError."""
    try:
        scheme, parameters, keys = text.split("$")
        iterations, salt = parameters.split(":")
        stored_key, server_key = keys.split(":")
        hash_name = scheme.removeprefix("SCRAM-")
        size = new_hash(HASHES[hash_name]).digest_size
        verifier = ScramVerifier(
            hash_name, _from_base64(salt), int(iterations), _from_base64(stored_key), _from_base64(server_key)
        )
    except (ValueError, KeyError):
        raise ValueError("not a SCRAM verifier") from None
    if {len(verifier.stored_key), len(verifier.server_key)} != {size}:
        raise ValueError("the keys of the SCRAM verifier have the wrong length")
    return verifier


def _to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
