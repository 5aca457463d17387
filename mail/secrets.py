"""The one secret of an installation and what is derived from it: keys, and the sealing of stored secrets."""

import contextlib
import os
from pathlib import Path
from secrets import token_hex
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_SECRET: Final = 32
"""Characters that a secret key has at least."""

_VERSION: Final = b"\x01"  # AES-256-GCM: version, 12 bytes nonce, ciphertext with tag
_NONCE_LENGTH: Final = 12
_TAG_LENGTH: Final = 16


class UnusableSecretKey(SystemExit):
    """The secret key is too short or can't be read or stored. Ends the program with a message."""

    def __init__(self, problem: str) -> None:
        self.message = f"MOXSITE_SECRET_KEY: {problem}"
        super().__init__(self.message)


class SealBroken(Exception):
    """A sealed value was changed, belongs to another context, or was sealed with another secret key."""


def load_secret_key(value: str, path: Path) -> bytes:
    """The secret key: `value` (from the environment) if there is one, else what the file at `path` holds.

    A missing file is created with a new random key; an existing one is never written. The key is the text
    as it stands in the file, so that copying it into the environment of another host gives the same key.
    Raises UnusableSecretKey.
    """
    if value.strip():
        return _checked(value, "the value in the environment")
    try:
        if not path.exists():
            _create(path)
        return _checked(path.read_text(encoding="utf-8"), f"the key in {path}")
    except OSError as error:
        raise UnusableSecretKey(f"the key in {path} can't be read or created: {error}") from None
    except UnicodeDecodeError:
        raise UnusableSecretKey(f"the key in {path} is not text") from None


def derive_key(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF, RFC 5869). Keys of different purposes are independent."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"moxsite {purpose}".encode()).derive(secret)


def text_key(secret: bytes, purpose: str) -> str:
    """`derive_key` as 64 hexadecimal digits."""
    return derive_key(secret, purpose).hex()


class Seal:
    """Encrypts small secrets for the database, each bound to the place where it is stored.

    The context names that place ("transport 12 password"): a value moved to another row or field does not
    open there.
    """

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(derive_key(secret, "seal"))

    def seal(self, plain: str | bytes, context: str) -> bytes:
        """Encrypt; text is taken as UTF-8. Sealing the same value twice gives different results."""
        data = plain.encode() if isinstance(plain, str) else plain
        nonce = os.urandom(_NONCE_LENGTH)
        return _VERSION + nonce + self._cipher.encrypt(nonce, data, _VERSION + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """What was sealed for this context. Raises SealBroken."""
        if not sealed.startswith(_VERSION) or len(sealed) < 1 + _NONCE_LENGTH + _TAG_LENGTH:
            raise SealBroken(f"{context}: not a sealed value of a known version")
        nonce, ciphertext = sealed[1 : 1 + _NONCE_LENGTH], sealed[1 + _NONCE_LENGTH :]
        try:
            return self._cipher.decrypt(nonce, ciphertext, _VERSION + context.encode())
        except InvalidTag:
            raise SealBroken(f"{context}: sealed with another key, elsewhere, or changed since") from None


def _checked(text: str, what: str) -> bytes:
    text = text.strip()
    if len(text) < SHORTEST_SECRET:
        raise UnusableSecretKey(
            f"{what} has {len(text)} characters; expected at least {SHORTEST_SECRET} (openssl rand -hex 32)"
        )
    return text.encode()


def _create(path: Path) -> None:
    """Put a new key at `path`, whole or not at all; keep the one of a process that was faster."""
    for folder in (path.parent.parent, path.parent):  # mkdir gives its mode to the last folder alone
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # unlike a rename, never replaces a key
    finally:
        draft.unlink()
    _sync_directory(path.parent)
    _sync_directory(path.parent.parent)


def _sync_directory(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
