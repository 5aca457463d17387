"""Writing DKIM-Signature fields (RFC 6376 section 5), relaxed for header and body. Pure."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Final

from mail import clock
from mail.dkim.header import relaxed_field
from mail.dkim.keys import SigningKey
from mail.dkim.selection import select_fields

_LINE: Final = 75
"""Characters of a folded line behind its tab."""
_FOLD: Final = b"\r\n\t"


def signature_fields(
    fields: Sequence[bytes], body_hash: bytes, keys: Iterable[SigningKey], moment: clock.Moment
) -> bytes:
    """A DKIM-Signature field for each key, to be put above the message.

    `fields` are the raw header fields in their order; `body_hash` is the SHA-256 of the body in relaxed form
    (mail.dkim.body). For threads: a signature takes up to a millisecond.
    """
    selection = select_fields(fields)
    header = b"".join(relaxed_field(field) + b"\r\n" for field in selection.fields)
    names = _folded_names(selection.names)
    return b"".join(_field(names, header, body_hash, key, moment) for key in keys)


def _field(names: bytes, header: bytes, body_hash: bytes, key: SigningKey, moment: clock.Moment) -> bytes:
    unsigned = _FOLD.join(
        [
            b"DKIM-Signature: v=1; a=%s; c=relaxed/relaxed;" % key.algorithm.encode("ascii"),
            b"d=%s; s=%s;" % (key.domain.encode("ascii"), key.selector.encode("ascii")),
            b"t=%d; bh=%s;" % (moment // clock.SECOND, b64encode(body_hash)),
            b"%s;" % names,
            b"b=",
        ]
    )
    # The field itself is hashed last, without a value for b= and without line end (section 3.7).
    signature = b64encode(key.sign(header + relaxed_field(unsigned)))
    room = _LINE - len("b=")
    lines = [signature[start : start + room] for start in range(0, len(signature), room)]
    return unsigned + _FOLD.join(lines) + b"\r\n"


def _folded_names(names: Iterable[bytes]) -> bytes:
    """h= with colons between the names, in lines."""
    lines = [b"h="]
    for name in names:
        if len(lines[-1]) + len(name) + 1 > _LINE:
            lines.append(b"")
        lines[-1] += name + b":"
    return _FOLD.join(lines).removesuffix(b":")
