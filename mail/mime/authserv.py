"""Whose Authentication-Results a field claims to be (RFC 8601 sections 2.2 and 5)."""

import re

from mail.addresses.domain import AddressError, normalise_domain

_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_TOKEN = re.compile(rb"[^\s;()\"/,]+")  # a version behind a slash is none, and some programs read it as one
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)


def claims_authserv_id(value: bytes, authserv_id: str) -> bool:
    """Whether the value of an Authentication-Results field names `authserv_id` as its author.

    What others put there under our name must go before we add our own (RFC 8601 section 5).
    """
    position = _skip_comments(value)
    quoted = _QUOTED.match(value, position)
    if quoted is not None:
        claimed = _ESCAPE.sub(rb"\1", quoted[1])
    else:
        token = _TOKEN.match(value, position)
        claimed = token[0] if token is not None else b""
    return _spelled(claimed.decode("utf-8", "replace")) == _spelled(authserv_id)


def _spelled(name: str) -> str:
    """One spelling of a name; RFC 8601 section 5 wants U-labels and A-labels to be the same."""
    plain = name.rstrip(".").lower()
    if plain.isascii():
        return plain
    try:
        return normalise_domain(plain)
    except AddressError:
        return plain


def _skip_comments(value: bytes) -> int:
    position, depth = 0, 0
    while position < len(value):
        character = value[position : position + 1]
        if depth and character == b"\\":
            position += 1
        elif character == b"(":
            depth += 1
        elif depth and character == b")":
            depth -= 1
        elif not depth and not character.isspace():
            break
        position += 1
    return position
