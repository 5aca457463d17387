"""Localparts: which characters they have, when they need quotes, and which mailbox they stand for."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from mail.addresses.domain import AddressError, show_character

LONGEST_LOCALPART: Final = 128
"""Octets. RFC 5321 section 4.5.3.1.1 asks for 64; bounce addresses of mailing services are longer."""

POSTMASTER: Final = "postmaster"

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_DOT_STRING: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DIRECTION_CONTROLS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNUSABLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


def canonical_localpart(localpart: str, *, separators: Sequence[str], case_sensitive: bool) -> str:
    """The localpart that stands for this one among the destinations of a domain.

    Lower case unless the domain is case sensitive, then cut at the first occurrence of each separator, in
    the order of `separators` (none empty). The result may be empty. Postmaster is postmaster in any case
    (RFC 5321 section 2.3.5).
    """
    if not case_sensitive:
        localpart = localpart.lower()
        if not localpart.isascii():  # lower case of a composed letter may be a sequence that composes anew
            localpart = unicodedata.normalize("NFC", localpart)
    for separator in separators:
        localpart = localpart.partition(separator)[0]
    return POSTMASTER if is_postmaster(localpart) else localpart


def is_postmaster(localpart: str) -> bool:
    """Whether this is the reserved localpart, in any case (RFC 5321 section 2.3.5)."""
    return len(localpart) == len(POSTMASTER) and localpart.lower() == POSTMASTER


def check_localpart(localpart: str) -> None:
    """Raises AddressError when no quoting can make this a localpart (RFC 5321 section 4.1.2, RFC 6531).

    Refused are control characters, line separators, controls of the writing direction, which make an
    address look like another one, a combining mark without its letter, and more than LONGEST_LOCALPART
    octets of UTF-8.
    """
    if not localpart.isascii():
        _check_unicode(localpart)
    elif not localpart.isprintable():
        raise AddressError("the localpart contains a control character")
    if len(localpart.encode()) > LONGEST_LOCALPART:
        raise AddressError(f"the localpart is longer than {LONGEST_LOCALPART} octets")


def is_dot_string(localpart: str) -> bool:
    """Whether the localpart can be written without quotes (Dot-string in RFC 5321 section 4.1.2)."""
    if not _DOT_STRING.fullmatch(localpart):
        return False
    return localpart.isascii() or not any(unicodedata.category(letter) == "Zs" for letter in localpart)


@lru_cache(maxsize=4096)
def quote_localpart(localpart: str) -> str:
    """The localpart as it is written before the @: with quotes only where it needs them.

    An address is written several times on its way: into commands, rows and lines of the log.
    """
    if is_dot_string(localpart):
        return localpart
    return '"' + localpart.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _check_unicode(localpart: str) -> None:
    if unicodedata.category(localpart[0]).startswith("M"):
        raise AddressError(f"the localpart starts with the combining mark {show_character(localpart[0])}")
    for character in localpart:
        if unicodedata.category(character) in _UNUSABLE or character in _DIRECTION_CONTROLS:
            raise AddressError(f"{show_character(character)} can't be in a localpart")
