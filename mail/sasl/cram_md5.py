"""CRAM-MD5 (RFC 2195): the client proves a password with HMAC-MD5 over the server's challenge.

Stored are the two MD5 states after the padded keys of HMAC (RFC 2104 section 4), not the password: whoever
gets them can log in by CRAM-MD5, but has to guess the password for anything else. They are a secret all the
same, to be sealed, and exist only where CRAM-MD5 is enabled.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import md5
from secrets import randbelow
from typing import Final

from mail import clock
from mail.sasl import md5_state
from mail.sasl.exchange import malformed, read_text
from mail.sasl.mechanism import SaslError
from mail.sasl.preparation import prepare_or_raw, prepare_password

NAME: Final = "CRAM-MD5"

_DIGEST_LENGTH: Final = 32  # hexadecimal digits


@dataclass(frozen=True, slots=True)
class CramMd5Verifier:
    """What is stored for checking CRAM-MD5 responses: 16 octets of state for each half of HMAC."""

    inner: bytes = field(repr=False)
    outer: bytes = field(repr=False)

    def matches(self, challenge: bytes, digest: str) -> bool:
        """Whether `digest` (lower case hexadecimal) proves the password; a fraction of a millisecond."""
        inner = md5_state.finish(self.inner, challenge)
        expected = md5_state.finish(self.outer, inner).hex()
        return hmac.compare_digest(expected.encode(), digest.encode())

    def encode(self) -> bytes:
        """32 octets for storage; seal them (mail.secrets.Seal)."""
        return self.inner + self.outer


def make_cram_md5_verifier(password: str) -> CramMd5Verifier:
    """The verifier of a password. Raises mail.sasl.preparation.UnusablePassword."""
    key = prepare_password(password)
    if len(key) > md5_state.BLOCK:
        key = md5(key, usedforsecurity=False).digest()
    padded = key.ljust(md5_state.BLOCK, b"\0")
    inner = bytes(octet ^ 0x36 for octet in padded)
    outer = bytes(octet ^ 0x5C for octet in padded)
    return CramMd5Verifier(md5_state.state_after(inner), md5_state.state_after(outer))


def decode_cram_md5_verifier(data: bytes) -> CramMd5Verifier:
    """The verifier that `CramMd5Verifier.encode` wrote. Raises ValueError."""
    if len(data) != 2 * md5_state.STATE_LENGTH:
        raise ValueError("not a CRAM-MD5 verifier")
    return CramMd5Verifier(data[: md5_state.STATE_LENGTH], data[md5_state.STATE_LENGTH :])


@dataclass(frozen=True, slots=True)
class CramMd5Claim:
    """The outcome of an exchange: the user name, and the proof, which `CramMd5Verifier.matches` checks."""

    username: str
    challenge: bytes
    digest: str = field(repr=False)


class CramMd5Server:
    """The server side; the challenge is unique (RFC 2195 section 2)."""

    name = NAME

    def __init__(self, hostname: str) -> None:
        self._challenge = f"<{randbelow(10**19)}.{clock.now()}@{hostname}>".encode("ascii")
        self._challenged = False

    def step(self, response: bytes | None) -> bytes | CramMd5Claim:
        """The challenge, then the claim. Raises MailError."""
        if not self._challenged:
            if response:
                raise malformed("CRAM-MD5 has no initial response")
            self._challenged = True
            return self._challenge
        username, _, digest = read_text(response or b"").rpartition(" ")
        if not username or len(digest) != _DIGEST_LENGTH:
            raise malformed("not a user name and a digest")
        return CramMd5Claim(username, self._challenge, digest.lower())


class CramMd5Client:
    """The client side."""

    name = NAME

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._key = prepare_or_raw(password)
        self.finished = False

    def initial(self) -> None:
        """None: the server speaks first."""

    def step(self, challenge: bytes) -> bytes:
        """User name and digest. Raises SaslError when the server goes on after that."""
        if self.finished:
            raise SaslError("the server sent a second CRAM-MD5 challenge")
        self.finished = True
        return f"{self._username} {hmac.new(self._key, challenge, 'md5').hexdigest()}".encode()
