"""DKIM-Signature fields as they arrive (RFC 6376 section 3.5). Pure."""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass
from typing import Final, cast, get_args

from mail.addresses.domain import AddressError, normalise_domain
from mail.authentication.tags import parse_tags, without_space
from mail.dkim.body import Canonicalization

_NEEDED: Final = ("v", "a", "b", "bh", "d", "h", "s")
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_SELECTOR: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9]{1,20}")
_LENGTH: Final = re.compile(r"[0-9]{1,76}")
_LONGEST_NAME: Final = 253


class SignatureSyntaxError(ValueError):
    """The field can't be read. `domain` and `selector` are empty unless it got so far."""

    def __init__(self, text: str, domain: str = "", selector: str = "") -> None:
        super().__init__(text)
        self.domain = domain
        self.selector = selector


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature. `raw` is the whole field; moments are seconds since the epoch, as the field has them.

    `names` are those of the fields covered, in lower case; `length` is how much of the body, None for all.
    """

    raw: bytes
    domain: str
    selector: str
    algorithm: str
    header_form: Canonicalization
    body_form: Canonicalization
    body_hash: bytes
    value: bytes
    shown_value: str
    names: tuple[bytes, ...]
    identity_domain: str
    length: int | None
    signed: int | None
    expires: int | None


def read_signature(raw: bytes) -> Signature:
    """Read a raw field. Raises SignatureSyntaxError."""
    try:
        tags = parse_tags(raw.partition(b":")[2].decode("utf-8"))
    except ValueError as error:  # UnicodeDecodeError is one
        raise SignatureSyntaxError(str(error)[:80]) from error
    missing = [name for name in _NEEDED if name not in tags]
    if missing:
        raise SignatureSyntaxError(f"no {missing[0]}= in it")
    domain, selector = _domain(without_space(tags["d"])), without_space(tags["s"])
    if len(domain) > _LONGEST_NAME or not _DOMAIN.fullmatch(domain) or not _SELECTOR.fullmatch(selector):
        raise SignatureSyntaxError("d= or s= is no domain name")
    try:
        return _read(raw, tags, domain, selector)
    except ValueError as error:
        raise SignatureSyntaxError(str(error), domain, selector) from error


def _domain(text: str) -> str:
    """As A-labels, though a message with SMTPUTF8 may have U-labels there (RFC 8616 section 6)."""
    try:
        return text.lower() if text.isascii() else normalise_domain(text)
    except AddressError:
        return ""


def _read(raw: bytes, tags: dict[str, str], domain: str, selector: str) -> Signature:
    if tags["v"] != "1":
        raise ValueError("v= is not 1")
    header_form, body_form = _forms(tags.get("c", ""))
    return Signature(
        raw=raw,
        domain=domain,
        selector=selector,
        algorithm=without_space(tags["a"]).lower(),
        header_form=header_form,
        body_form=body_form,
        body_hash=_base64(tags["bh"], "bh"),
        value=_base64(tags["b"], "b"),
        shown_value=without_space(tags["b"])[:8],
        names=_names(tags["h"]),
        identity_domain=_identity_domain(tags.get("i"), domain),
        length=_number(tags, "l", _LENGTH),
        signed=_number(tags, "t", _NUMBER),
        expires=_expiry(tags),
    )


def _forms(text: str) -> tuple[Canonicalization, Canonicalization]:
    header, _, body = without_space(text).lower().partition("/")
    forms = (header or "simple", body or "simple")
    if any(form not in get_args(Canonicalization) for form in forms):
        raise ValueError("c= is unknown")
    return cast("tuple[Canonicalization, Canonicalization]", forms)


def _names(text: str) -> tuple[bytes, ...]:
    names = tuple(name.strip().lower().encode() for name in text.split(":"))
    if b"from" not in names:
        raise ValueError("From is not signed")
    return names


def _identity_domain(text: str | None, domain: str) -> str:
    if text is None:
        return domain
    found = _domain(without_space(text).rpartition("@")[2])
    if found != domain and not found.endswith("." + domain):
        raise ValueError("i= is not within d=")
    return found


def _number(tags: dict[str, str], name: str, form: re.Pattern[str]) -> int | None:
    text = tags.get(name)
    if text is None:
        return None
    if not form.fullmatch(text):
        raise ValueError(f"{name}= is no number")
    return int(text)


def _expiry(tags: dict[str, str]) -> int | None:
    expires, signed = _number(tags, "x", _NUMBER), _number(tags, "t", _NUMBER)
    if expires is not None and signed is not None and expires <= signed:
        raise ValueError("x= is before t=")
    return expires


def _base64(text: str, name: str) -> bytes:
    try:
        return b64decode(without_space(text), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{name}= is not base64") from None
