"""What is kept of the checks of a sender: header fields for the reader, and a record for our own pages."""

import json
from dataclasses import dataclass
from functools import lru_cache

from mail.addresses.address import Address
from mail.authentication.fields import authentication_results, received_spf
from mail.authentication.record import to_record
from mail.authentication.results import SenderResults


@dataclass(frozen=True, slots=True)
class Testimony:
    """`fields` stand before our Received field, as RFC 7208 section 9.1 asks; `record` is JSON."""

    fields: bytes
    record: str


def testimony(hostname: str, found: SenderResults, sender: Address | None, helo: str) -> Testimony:
    """What we say about a message. Without signatures, senders are found the same again and again."""
    return (_written if found.dkim else _remembered)(hostname, found, sender, helo)


def _written(hostname: str, found: SenderResults, sender: Address | None, helo: str) -> Testimony:
    fields = authentication_results(hostname, found) + received_spf(hostname, found, sender, helo)
    return Testimony(fields, json.dumps(to_record(found), separators=(",", ":")))


_remembered = lru_cache(maxsize=512)(_written)
