"""Codes of authenticator apps (TOTP, RFC 6238), as all apps know them: SHA-1, six digits, half a minute."""

import base64
import hmac
import secrets
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from mail import clock

STEP_SECONDS: Final = 30
SECRET_LENGTH: Final = 20
"""Bytes; RFC 4226 section 4 recommends 160 bits."""
TOLERANCE: Final = 1
"""Steps before and after the present one: clocks differ, and people type slowly (RFC 6238 section 5.2)."""


def new_secret() -> bytes:
    """A random secret."""
    return secrets.token_bytes(SECRET_LENGTH)


def code_at(secret: bytes, step: int) -> str:
    """The code of a step, counted from the epoch."""
    return _totp(secret).generate(step * STEP_SECONDS).decode()


def step_of(moment: clock.Moment) -> int:
    """The step that a moment lies in."""
    return moment // (STEP_SECONDS * clock.SECOND)


def matching_step(secret: bytes, code: str, moment: clock.Moment) -> int | None:
    """The step near the moment whose code this is. Takes as long for every code."""
    present = step_of(moment)
    found = None
    if not code.isascii():
        return None
    for step in range(present - TOLERANCE, present + TOLERANCE + 1):
        if hmac.compare_digest(code_at(secret, step), code):
            found = step
    return found


def provisioning_uri(secret: bytes, name: str, issuer: str) -> str:
    """What the QR code for an app says."""
    return _totp(secret).get_provisioning_uri(name, issuer)


def secret_text(secret: bytes) -> str:
    """The secret to be typed into an app, in groups of four letters."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, 6, SHA1(), STEP_SECONDS)
