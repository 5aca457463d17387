"""SCRAM verifiers: what is stored instead of a password (RFC 5802 section 3, RFC 7677)."""

import hmac
from dataclasses import dataclass, field
from typing import Final

from mail.sasl import scram_keys
from mail.sasl.preparation import UnusablePassword, prepare_password
from mail.sasl.scram_keys import HASHES
from mail.sasl.scram_messages import from_base64, to_base64

DEFAULT_ITERATIONS: Final = 10_000
SALT_LENGTH: Final = 16
"""Octets of a new salt."""


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
        salt, stored_key, server_key = map(to_base64, (self.salt, self.stored_key, self.server_key))
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
    salted = scram_keys.salted_password(hash_name, prepare_password(password), salt, iterations)
    stored_key = scram_keys.stored_key(hash_name, scram_keys.client_key(hash_name, salted))
    return ScramVerifier(hash_name, salt, iterations, stored_key, scram_keys.server_key(hash_name, salted))


def decode_verifier(text: str) -> ScramVerifier:
    """The verifier that `ScramVerifier.encode` wrote. Raises ValueError."""
    try:
        scheme, parameters, keys = text.split("$")
        iterations, salt = parameters.split(":")
        stored_key, server_key = keys.split(":")
        hash_name = scheme.removeprefix("SCRAM-")
        size = scram_keys.digest_size(hash_name)
        verifier = ScramVerifier(
            hash_name, from_base64(salt), int(iterations), from_base64(stored_key), from_base64(server_key)
        )
    except (ValueError, KeyError):
        raise ValueError("not a SCRAM verifier") from None
    if {len(verifier.stored_key), len(verifier.server_key)} != {size}:
        raise ValueError("the keys of the SCRAM verifier have the wrong length")
    return verifier
