"""A message on its way out."""

import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

# Inside quotes brackets and spaces are part of the localpart; line ends are none anywhere.
_PATH = re.compile(r'(?:"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"@)?[^\x00-\x20<>"\x7f]*')

ContentSource = Callable[[], AsyncIterator[bytes]]
"""Starts reading the stored content from its beginning; called anew for every transaction."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """Envelope sender (SMTP form, "" for the null sender), content and what it demands of a server.

    `prefix` goes out before `content`; `size` is the bytes of both. `eight_bit`: some byte is above 127.
    `smtputf8`: the message has internationalised headers (RFC 6531); addresses are looked at by themselves.
    `require_tls`: it goes to nobody who does not promise to pass it on under TLS (RFC 8689).
    """

    sender: str
    content: ContentSource
    size: int
    prefix: bytes = b""
    eight_bit: bool = False
    smtputf8: bool = False
    require_tls: bool = False

    def __post_init__(self) -> None:
        check_path(self.sender)


def check_path(address: str) -> None:
    """Raises ValueError for an address that would break out of its angle brackets or its line."""
    if not _PATH.fullmatch(address):
        raise ValueError("an address contains control characters, angle brackets or spaces")


def check_paths(addresses: Iterable[str]) -> None:
    """As check_path, for each of them."""
    for address in addresses:
        check_path(address)
