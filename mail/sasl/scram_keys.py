"""The cryptography of SCRAM (RFC 5802 section 3)."""

import hmac
from hashlib import new as new_hash
from hashlib import pbkdf2_hmac
from typing import Final

HASHES: Final = {"SHA-1": "sha1", "SHA-256": "sha256"}
"""Hash names as in the names of mechanisms, and as hashlib knows them."""


def salted_password(hash_name: str, password: bytes, salt: bytes, iterations: int) -> bytes:
    """SaltedPassword of a prepared password. 10 000 iterations are milliseconds: not for an event loop."""
    return pbkdf2_hmac(HASHES[hash_name], password, salt, iterations)


def client_key(hash_name: str, salted: bytes) -> bytes:
    """ClientKey: who has it can log in as the client."""
    return hmac.digest(salted, b"Client Key", HASHES[hash_name])


def server_key(hash_name: str, salted: bytes) -> bytes:
    """ServerKey: who has it can pass for the server."""
    return hmac.digest(salted, b"Server Key", HASHES[hash_name])


def stored_key(hash_name: str, key: bytes) -> bytes:
    """StoredKey of a ClientKey: enough to check a proof, not to make one."""
    return new_hash(HASHES[hash_name], key).digest()


def signature(hash_name: str, key: bytes, auth_message: bytes) -> bytes:
    """ClientSignature by a StoredKey, ServerSignature by a ServerKey."""
    return hmac.digest(key, auth_message, HASHES[hash_name])


def digest_size(hash_name: str) -> int:
    """Octets of a key or signature."""
    return new_hash(HASHES[hash_name]).digest_size


def exclusive_or(first: bytes, second: bytes) -> bytes:
    """Octet by octet. Raises ValueError for different lengths."""
    return bytes(a ^ b for a, b in zip(first, second, strict=True))
