"""Reading addresses: from configuration and log-in forms, and from SMTP commands."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from mail.addresses.address import Address, Catchall
from mail.addresses.domain import AddressError, normalise_domain, show_character
from mail.addresses.literal import normalise_literal
from mail.addresses.localpart import POSTMASTER, check_localpart, is_dot_string, is_postmaster

_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_UNQUOTED: Final = re.compile(r'[^\s"(),:;<>@\[\]\\]+')
_DOMAIN: Final = re.compile(r"\[[^\]<>\s]*\]|[^\s<>]*")
_HOP: Final = r'@(?:\[[^\]<>\s]*\]|[^\s,:<>@"\[\]]+)'
_SOURCE_ROUTE: Final = re.compile(rf"{_HOP}(?:,{_HOP})*:")
_BLANKS: Final = " \t"


def parse_address(text: str) -> Address:
    """An address as people write it: localpart@domain, without name and angle brackets.

    Raises AddressError. White space around it is ignored.
    """
    text = _compose(text.strip())
    if text.startswith("<"):
        raise AddressError("the address stands without angle brackets here")
    localpart, position = _read_localpart(text, 0)
    if not text.startswith("@", position):
        raise (
            _misplaced(text[position]) if position < len(text) else AddressError("the address has no domain")
        )
    if not text.startswith('"') and not is_dot_string(localpart):
        raise AddressError("dots at the start or end of the localpart, or two in a row, need quotes")
    return Address(localpart, _read_domain(text[position + 1 :]))


def parse_destination(text: str) -> Address | Catchall:
    """A destination of an account: an address, or "@example.org" for its catchall. Raises AddressError."""
    text = text.strip()
    if text.startswith("@"):
        return Catchall(normalise_domain(text[1:]))
    return parse_address(text)


@lru_cache(maxsize=1024)
def parse_path(text: str) -> tuple[Address | None, str]:
    """What follows the colon of MAIL FROM and RCPT TO: the address and the parameters after it.

    None is the null path <>. The source route that a path may start with is ignored (RFC 5321 appendix C).
    Beyond RFC 5321 section 4.1.2: blanks before the path, a path without angle brackets, and dots at any
    place of the localpart, as phone companies gave out. The only address without domain is postmaster.
    Raises AddressError. Who sends much says the same again and again, which is remembered.
    """
    text = _compose(text).strip(_BLANKS)
    if text.startswith("<>"):
        return None, _parameters(text, 2)
    bracketed = text.startswith("<")
    position = int(bracketed)
    if bracketed and (route := _SOURCE_ROUTE.match(text, position)):
        position = route.end()
    address, position = _read_mailbox(text, position)
    if bracketed:
        if not text.startswith(">", position):
            raise AddressError("the closing > of the address is missing")
        position += 1
    return address, _parameters(text, position)


def _read_mailbox(text: str, position: int) -> tuple[Address, int]:
    localpart, position = _read_localpart(text, position)
    if text.startswith("@", position):
        domain = _DOMAIN.match(text, position + 1)
        assert domain is not None  # the pattern matches the empty string too
        return Address(localpart, _read_domain(domain[0])), domain.end()
    if position < len(text) and text[position] not in ">" + _BLANKS:
        raise _misplaced(text[position])
    if not is_postmaster(localpart):
        raise AddressError("the address has no domain")
    return Address(POSTMASTER, ""), position


def _read_localpart(text: str, position: int) -> tuple[str, int]:
    """The localpart that starts at `position`, and where it ends."""
    if text.startswith('"', position):
        match = _QUOTED.match(text, position)
        if match is None:
            raise AddressError("the closing quote of the localpart is missing")
        localpart = _compose(re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL))
    else:
        match = _UNQUOTED.match(text, position)
        if match is None:
            raise _misplaced(text[position]) if position < len(text) else AddressError("there is no address")
        localpart = match[0]
    check_localpart(localpart)
    return localpart, match.end()


def _read_domain(text: str) -> str:
    return normalise_literal(text) if text.startswith("[") else normalise_domain(text)


def _parameters(text: str, position: int) -> str:
    if position < len(text) and text[position] not in _BLANKS:
        raise _misplaced(text[position])
    return text[position:].strip(_BLANKS)


def _misplaced(character: str) -> AddressError:
    if character == "@":
        return AddressError("the localpart before the @ is missing")
    return AddressError(f"{show_character(character)} can't stand here without quotes")


def _compose(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
