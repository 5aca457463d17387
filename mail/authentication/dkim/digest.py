"""The digest of the header fields that a signature covers (RFC 6376 section 3.7). Pure."""

import hashlib
from collections.abc import Sequence

from mail.authentication.dkim.signature import Signature
from mail.dkim.header import relaxed_field


def header_digest(signature: Signature, fields: Sequence[bytes]) -> bytes:
    """SHA-256 of the raw fields that h= names, the lowest of a name first, and of the signature's own."""
    relaxed = signature.header_form == "relaxed"
    below: dict[bytes, list[bytes]] = {}
    for raw in fields:
        name, colon, _ = raw.partition(b":")
        if colon:
            below.setdefault(name.rstrip(b" \t").lower(), []).append(raw)
    digest = hashlib.sha256()
    for name in signature.names:
        remaining = below.get(name)
        if remaining:
            raw = remaining.pop()
            digest.update(relaxed_field(raw) + b"\r\n" if relaxed else _ended(raw))
    own = _without_value(signature.raw)
    digest.update(relaxed_field(own) if relaxed else own.removesuffix(b"\r\n"))
    return digest.digest()


def _ended(raw: bytes) -> bytes:
    """The last field of a message without a body may have no line end."""
    return raw if raw.endswith(b"\n") else raw + b"\r\n"


def _without_value(raw: bytes) -> bytes:
    """The field with an empty b=; the white space around its value is part of it."""
    name, colon, value = raw.partition(b":")
    parts = value.split(b";")
    for position, part in enumerate(parts):
        tag, sign, _ = part.partition(b"=")
        if sign and tag.strip() == b"b":
            parts[position] = tag + sign
    return name + colon + b";".join(parts)
