"""Who a submitted message says it is from, read strictly. Pure.

A mail reader that understands the field differently than we do would show another author than the one we
allowed. So only what has one meaning passes: one field, one mailbox, RFC 5322 section 3.4 without groups,
source routes and stray characters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.errors import MailError
from mail.mime.headers import HeaderBlock

LONGEST_FROM = 4096
"""Bytes of an unfolded From value."""

_TOKEN = re.compile(
    r"(?P<space>[ \t]+)"
    r'|(?P<quoted>"(?:[^"\\\x00-\x1f\x7f]|\\[ -~\t])*")'
    r"|(?P<atom>[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\U0010ffff-]+)"
    r"|(?P<literal>\[[^\[\]\\\s]*\])"
    r"|(?P<special>[<>@])"
    r"|(?P<comment>\()"
)
_COMMENT_PIECE = re.compile(r"[^()\\\x00-\x08\x0a-\x1f\x7f]+|\\[ -~\t]|[()]")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    apart: bool
    """Whether white space or a comment stands before it."""


def author_of(header: HeaderBlock) -> Address:
    """The one address of the one From field. Raises MailError 550 5.6.0 when there is no such thing."""
    values = header.get_all("from")
    if len(values) != 1:
        found = "has no From field" if not values else "has several From fields"
        raise _malformed(f"the message {found}; it needs one")
    return parse_author(values[0])


@lru_cache(maxsize=1024)
def parse_author(value: bytes) -> Address:
    """The address of an unfolded From value; people write again and again. Raises MailError 550 5.6.0."""
    if len(value) > LONGEST_FROM:
        raise _malformed(f"the From field is longer than {LONGEST_FROM} bytes")
    try:
        tokens = _tokens(value.decode("utf-8"))
    except UnicodeDecodeError:
        raise _malformed("the From field is not UTF-8") from None
    try:
        return parse_address(_address_text(tokens))
    except AddressError as error:
        raise _malformed(f"the From field has no usable address: {error}") from error


def _address_text(tokens: Sequence[_Token]) -> str:
    opening = next((at for at, token in enumerate(tokens) if token.text == "<"), None)
    if opening is None:
        return _addr_spec(tokens)
    if any(token.kind not in ("atom", "quoted") for token in tokens[:opening]):
        raise _malformed("the name before the address in the From field needs quotes")
    if tokens[-1].text != ">":
        raise _malformed("something follows the address in the From field")
    return _addr_spec(tokens[opening + 1 : -1])


def _addr_spec(tokens: Sequence[_Token]) -> str:
    kinds = [token.kind for token in tokens]
    if (
        len(tokens) != 3
        or kinds[0] not in ("atom", "quoted")
        or tokens[1].text != "@"
        or kinds[2] not in ("atom", "literal")
        or tokens[1].apart
        or tokens[2].apart
    ):
        raise _malformed("the From field needs exactly one address")
    return "".join(token.text for token in tokens)


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position, apart = 0, False
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _malformed("the From field needs exactly one address")
        position = match.end()
        kind = str(match.lastgroup)
        if kind == "comment":
            position = _behind_comment(text, position)
        if kind in ("space", "comment"):
            apart = True
            continue
        found.append(_Token(kind, match[0], apart))
        apart = False
    return found


def _behind_comment(text: str, position: int) -> int:
    """Where the comment ends whose parenthesis stands before `position`; comments may hold others."""
    depth = 1
    while depth:
        piece = _COMMENT_PIECE.match(text, position)
        if piece is None:
            raise _malformed("a comment in the From field has no end")
        position = piece.end()
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
    return position


def _malformed(text: str) -> MailError:
    return MailError(550, "5.6.0", text)
