"""Passwords of basic authentication: only what checks them is kept."""

import secrets
from typing import Final

from mail.sasl.preparation import UnusablePassword, prepare_password
from mail.sasl.verifier import DEFAULT_ITERATIONS, SALT_LENGTH, decode_verifier, make_verifier

_HASH: Final = "SHA-256"


def password_problem(password: str) -> str:
    """What is wrong with a new password; "" when nothing is."""
    if not password:
        return "The password is empty."
    try:
        prepare_password(password)
    except UnusablePassword as error:
        return f"{error}".capitalize() + "."
    return ""


def make_password_verifier(password: str) -> str:
    """What is stored instead of the password. Takes milliseconds; not for an event loop."""
    return make_verifier(password, _HASH, secrets.token_bytes(SALT_LENGTH), DEFAULT_ITERATIONS).encode()


def password_matches(verifier: str, password: str) -> bool:
    """Whether this is the password. Takes milliseconds; not for an event loop."""
    try:
        return decode_verifier(verifier).matches(password)
    except ValueError:
        return False
