"""Preparing passwords, so that the same characters always give the same bytes."""

import unicodedata
from typing import Final

_UNUSABLE: Final = {
    "Cc": "control characters",
    "Cs": "half a character",
    "Cn": "characters unknown to Unicode",
}


class UnusablePassword(ValueError):
    """A password that can't be stored. The message says why, without showing any of it."""


def prepare_password(password: str) -> bytes:
    """The password as UTF-8 by the OpaqueString profile of RFC 8265 section 4.2.

    Spaces beyond ASCII become the ASCII space, and NFC makes one sequence of equal ones. Case, width and
    ligatures count, unlike with SASLprep (RFC 4013), which RFC 5802 named: for passwords that both leave
    alone, which is nearly all, the result is the same. Refused are the empty password, control characters
    and unassigned code points; joiners and the like are kept, since keyboards put them into emoji. Raises
    UnusablePassword.
    """
    if not password.isascii():
        password = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in password)
        password = unicodedata.normalize("NFC", password)
    if not password:
        raise UnusablePassword("a password can't be empty")
    for letter in password:
        if problem := _UNUSABLE.get(unicodedata.category(letter)):
            raise UnusablePassword(f"a password can't contain {problem}")
    return password.encode()


def prepare_or_raw(password: str) -> bytes:
    """The prepared password, or its plain UTF-8 when it can't be prepared: what a client sends.

    Whether such a password is acceptable is for the server to say, which may know no preparation.
    """
    try:
        return prepare_password(password)
    except UnusablePassword:
        return password.encode("utf-8", "surrogatepass")
