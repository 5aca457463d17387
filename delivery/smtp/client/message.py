"""A message on its way out."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

ContentSource = Callable[[], AsyncIterator[bytes]]
"""Starts reading the stored content from its beginning; called anew for every transaction."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """Envelope sender (SMTP form, "" for the null sender), content and what it demands of a server.

    `prefix` goes out before `content`; `size` is the bytes of both. `eight_bit`: some byte is above 127.
    `smtputf8`: the message has internationalised headers (RFC 6531); addresses are looked at by themselves.
    """

    sender: str
    content: ContentSource
    size: int
    prefix: bytes = b""
    eight_bit: bool = False
    smtputf8: bool = False

    def __post_init__(self) -> None:
        check_path(self.sender)


def check_path(address: str) -> None:
    """Raises ValueError for an address that would break out of its angle brackets or its line."""
    if any(character < " " or character == "\x7f" for character in address):
        raise ValueError("an address contains control characters")
    unquoted = address.rpartition("@")[2] if address.startswith('"') else address
    if any(character in "<> " for character in unquoted):
        raise ValueError("an address contains angle brackets or spaces")
