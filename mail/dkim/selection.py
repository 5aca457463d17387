"""Which header fields a signature covers (RFC 6376 section 5.4). Pure.

Fields that readers see or that decide how the body is read are sealed: they are named once more than they
are there, so that adding another one breaks the signature.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_SEALED: Final = (
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"reply-to", b"in-reply-to", b"references",
    b"mime-version", b"content-type", b"content-transfer-encoding",
)  # fmt: skip
"""Sealed always, missing ones too."""

_SEALED_IF_THERE: Final = (
    b"sender", b"list-id", b"list-help", b"list-unsubscribe", b"list-unsubscribe-post", b"list-subscribe",
    b"list-post", b"list-owner", b"list-archive",
)  # fmt: skip
"""Sealed when the sender wrote them; otherwise mailing lists add them, and may without a harm."""

_SIGNED: Final = (b"resent-from", b"resent-to", b"resent-cc", b"resent-date", b"resent-message-id")
"""As often as they are there: whoever resends the message puts his own above (RFC 5322 section 3.6.6)."""

_OTHERS: Final = (*_SEALED_IF_THERE, *_SIGNED)


@dataclass(slots=True)  # not frozen: made for each message
class Selection:
    """What h= names, in its order, and the raw fields that it thereby covers."""

    names: tuple[bytes, ...]
    fields: tuple[bytes, ...]


def select_fields(fields: Sequence[bytes]) -> Selection:
    """Choose among the raw fields of a header section, given in their order."""
    found: dict[bytes, list[bytes]] = {}
    for raw in fields:
        name, colon, _ = raw.partition(b":")
        if colon:
            found.setdefault(name.rstrip(b" \t").lower(), []).append(raw)
    names: list[bytes] = []
    covered: list[bytes] = []
    for name in _SEALED:
        names.append(name)
        if name in found:
            names += [name] * len(found[name])
            covered += reversed(found[name])  # a name stands for the lowest field not yet taken
    for name in _OTHERS:
        if name in found:
            names += [name] * (len(found[name]) + (name in _SEALED_IF_THERE))
            covered += reversed(found[name])
    return Selection(tuple(names), tuple(covered))
