"""Signing what users submit, with the keys of their domain (DKIM, RFC 6376)."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from delivery.reception.author import author_of
from delivery.reception.signing_threads import SigningThreads
from mail import clock
from mail.addresses.address import Address
from mail.authentication.dmarc.organization import aligned
from mail.configuration.dkim import SigningKeys
from mail.dkim.body import BodyHash
from mail.dkim.keys import SigningKey
from mail.dkim.signing import signature_fields, signed_fields, unsigned_fields
from mail.errors import MailError
from mail.mime.headers import HeaderBlock

_QUICK: Final = 8 * 1024
"""Bytes of a header section that may be made ready on an event loop: a fifth of a millisecond at worst."""


class Signer:
    """Sees the body of one message and then signs it, once with each key."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        self._keys = keys
        self._body = BodyHash("relaxed")

    def update(self, data: bytes) -> None:
        """The next bytes of the body."""
        self._body.update(data)

    async def signatures(
        self, fields: Sequence[bytes], moment: clock.Moment, threads: SigningThreads
    ) -> bytes:
        """The DKIM-Signature fields for a header section of these raw fields, signed on a thread."""
        digest, keys = self._body.digest(), self._keys
        if sum(map(len, fields)) > _QUICK:
            return await threads.run(partial(signature_fields, fields, digest, keys, moment))
        return await threads.run(partial(signed_fields, unsigned_fields(fields, digest, keys, moment)))


def signer_of(keys: SigningKeys, header: HeaderBlock, sender: Address | None) -> Signer | None:
    """The signer of a message; None when nobody signs it.

    It is the domain of the author, because that is what recipients compare (RFC 7489 section 3.1). When it
    has no keys, the domain of the envelope sender signs if it belongs to the same organization.
    """
    try:
        author = author_of(header)
    except MailError:
        return None  # the check of the header says so to the client
    found = keys.get(author.domain)
    if not found and sender is not None:
        others = keys.get(sender.domain)
        found = others if others and aligned(sender.domain, author.domain, strict=False) else ()
    return Signer(found) if found else None
