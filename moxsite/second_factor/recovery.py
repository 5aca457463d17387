"""Recovery codes: ten, each good once, of 80 random bits, so that a fast keyed hash protects them."""

import hmac
import secrets
from typing import Final

from django.conf import settings

from mail.secrets import derive_key

COUNT: Final = 10
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # no look-alikes; 5 bits each
_LENGTH: Final = 16


def new_codes() -> list[str]:
    """Codes in groups that can be typed."""
    return [_grouped("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))) for _ in range(COUNT)]


def digest(code: str, login_id: int) -> bytes:
    """What is stored of a code, however it was typed. Good for one login of this installation."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    key = derive_key(settings.MOXSITE_SECRET_KEY, "recovery codes")
    return hmac.digest(key, f"{login_id} {plain}".encode(), "sha256")


def _grouped(code: str) -> str:
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))
