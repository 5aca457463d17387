"""Salts of a login: its own, new ones, and those that a login would have that does not exist."""

import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from mail.sasl.verifier import DEFAULT_ITERATIONS, SALT_LENGTH
from mail.secrets import derive_key


@dataclass(frozen=True, slots=True)
class Salts:
    """What SCRAM tells a client before it is known which of a login's passwords is used."""

    sha_256: bytes
    sha_1: bytes
    iterations: int

    def of_hash(self, hash_name: str) -> bytes:
        """The salt for one of mail.sasl.scram_keys.HASHES."""
        return {"SHA-256": self.sha_256, "SHA-1": self.sha_1}[hash_name]


def new_salts() -> Salts:
    """Random salts and the present number of iterations."""
    return Salts(secrets.token_bytes(SALT_LENGTH), secrets.token_bytes(SALT_LENGTH), DEFAULT_ITERATIONS)


def fake_salts(username: str) -> Salts:
    """What a login that does not exist answers: the same each time, and not to be told from real ones.

    RFC 5802 section 9 asks for it, so that nobody learns who exists.
    """
    key = _fake_key(settings.MOXSITE_SECRET_KEY)
    sha_256, sha_1 = (
        hmac.digest(key, f"{name} {username.lower()}".encode("utf-8", "surrogatepass"), "sha256")[
            :SALT_LENGTH
        ]
        for name in ("SHA-256", "SHA-1")
    )
    return Salts(sha_256, sha_1, DEFAULT_ITERATIONS)


@lru_cache(maxsize=4)
def _fake_key(secret: bytes) -> bytes:
    return derive_key(secret, "salts of unknown logins")
