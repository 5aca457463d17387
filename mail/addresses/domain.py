"""Domain names: one spelling for comparing and storing, another one for showing."""

import re
from functools import lru_cache
from typing import Final

import idna
from idna import core as idna_rules

LONGEST_LABEL: Final = 63
LONGEST_DOMAIN: Final = 253

_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_JOINERS: Final = "\u200c\u200d"


class AddressError(ValueError):
    """An address or domain name that can't be used.

    The message says what is wrong, in printable ASCII, and repeats at most one character of the input, so
    that it may be sent to a peer.
    """


def normalise_domain(text: str) -> str:
    """The domain as lower case A-labels without trailing dot, the form for comparing, storing and sending.

    Accepts either form of an internationalised name and maps it by UTS #46 (nontransitional), so that a
    symbol such as U+263A is allowed, as registries do. ASCII names follow RFC 1123 section 2.1: letters,
    digits and hyphens, no underscore, and no number at the end, where it would be an IP address. Raises
    AddressError.
    """
    if len(text) > LONGEST_DOMAIN + 1:
        raise AddressError(f"the domain is longer than {LONGEST_DOMAIN} characters")
    return _normalise(text)


@lru_cache(maxsize=4096)
def display_domain(domain: str) -> str:
    """The domain with U-labels, for people. Labels that would not lead back to `domain` stay as they are."""
    if "xn--" not in domain:
        return domain
    return ".".join(_display_label(label) for label in domain.split("."))


def show_character(character: str) -> str:
    """A character for an error message in ASCII."""
    if " " < character <= "~":
        return f'"{character}"'
    if character == " ":
        return "a blank"
    return f"U+{ord(character):04X}"


@lru_cache(maxsize=4096)
def _normalise(text: str) -> str:
    name = text.lower() if text.isascii() else _map_unicode(text)
    name = name.removesuffix(".")
    if not name:
        raise AddressError("the domain is empty")
    name = ".".join(_ascii_label(label) for label in name.split("."))
    if len(name) > LONGEST_DOMAIN:
        raise AddressError(f"the domain is longer than {LONGEST_DOMAIN} characters")
    if name.rpartition(".")[2].isdigit():
        raise AddressError("the domain ends in a number; an IP address needs brackets, as in [192.0.2.1]")
    return name


def _map_unicode(text: str) -> str:
    try:
        return idna.uts46_remap(text, std3_rules=False, transitional=False)
    except idna.IDNAError:
        raise AddressError("the domain contains characters that domain names can't have") from None


def _ascii_label(label: str) -> str:
    if not label:
        raise AddressError("the domain has an empty part between dots")
    encoded = label if label.isascii() else _encode_label(label)
    if len(encoded) > LONGEST_LABEL:
        raise AddressError(f"a part of the domain is longer than {LONGEST_LABEL} characters")
    if not _LABEL.fullmatch(encoded):
        _refuse_label(encoded)
    if encoded.startswith("xn--") and not _decode_label(encoded):
        raise AddressError("a part of the domain starts with xn-- but encodes nothing")
    return encoded


def _refuse_label(label: str) -> None:
    for character in label:
        if not (character.isalnum() or character == "-"):
            raise AddressError(f"{show_character(character)} can't be in a domain")
    raise AddressError("a part of the domain starts or ends with a hyphen")


def _encode_label(label: str) -> str:
    """The A-label of a mapped label that is valid by IDNA 2008, or by UTS #46, which also has symbols."""
    try:
        encoded = "xn--" + label.encode("punycode").decode("ascii")
        if len(encoded) <= LONGEST_LABEL:
            _check_label(label)
    except (idna.IDNAError, ValueError):
        raise AddressError("a part of the domain is no valid internationalised name") from None
    return encoded


def _check_label(label: str) -> None:
    try:
        idna.check_label(label)
    except idna.InvalidCodepoint:
        _check_symbols(label)


def _check_symbols(label: str) -> None:
    """The rules of UTS #46 beyond the mapping. Raises idna.IDNAError or ValueError."""
    idna_rules.check_nfc(label)
    idna_rules.check_hyphen_ok(label)
    idna_rules.check_initial_combiner(label)
    idna_rules.check_bidi(label)
    for position, character in enumerate(label):
        if character in _JOINERS and not idna_rules.valid_contextj(label, position):
            raise ValueError("a joiner stands where it is not allowed")


def _decode_label(label: str) -> str:
    """What the A-label encodes; "" when that is nothing beyond ASCII. DNS decides whether it exists."""
    try:
        decoded = label.removeprefix("xn--").encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError):
        return ""
    return "" if decoded.isascii() else decoded


def _display_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    decoded = _decode_label(label)
    try:
        return decoded if _normalise(decoded) == label else label
    except AddressError:
        return label
