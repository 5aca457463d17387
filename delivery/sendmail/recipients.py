"""Who gets the message: the addresses of the command line, and with -t those in its header."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from delivery.sendmail.configuration import Configuration
from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.mime.address_list import parse_address_list
from mail.mime.headers import HeaderBlock

_FIELDS = ("To", "Cc", "Bcc")
_MANY = 100_000


@dataclass(frozen=True, slots=True)
class Recipients:
    """`addresses` without repetitions; `unusable` has words that are no address, each with the reason."""

    addresses: tuple[Address, ...]
    unusable: tuple[tuple[str, str], ...]


def find_recipients(
    words: Sequence[str], header: HeaderBlock | None, configuration: Configuration
) -> Recipients:
    """The recipients named by words of the command line, and by the header unless that is None.

    A word may be a list, with names and comments as in a header. In a message that was sent on by hand, only
    the Resent fields count (RFC 5322 section 3.6.6).
    """
    written = [*_listed(words), *([] if header is None else _named(header))]
    addresses: dict[Address, None] = {}
    unusable: dict[str, str] = {}
    for text in written:
        try:
            addresses[complete_address(text, configuration)] = None
        except AddressError as error:
            unusable[text] = str(error)
    return Recipients(tuple(addresses), tuple(unusable.items()))


def complete_address(text: str, configuration: Configuration) -> Address:
    """The address; one without domain, or at localhost, is of a local user. Raises AddressError.

    Mail for local users goes to the default destination, and where there is none, to the name at this
    machine's own host name.
    """
    localpart, _, domain = text.rpartition("@")
    if localpart and domain.lower().rstrip(".") != "localhost":
        return parse_address(text)
    local = parse_address(f"{localpart or domain}@{configuration.hostname}")
    return configuration.default_destination or local


def _listed(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        # Surrogates stand for bytes of the command line that are not UTF-8; no address has any.
        yield from _addresses(word.encode("utf-8", "surrogateescape")) or [word]


def _named(header: HeaderBlock) -> Iterator[str]:
    resent = any(f"Resent-{name}" in header for name in _FIELDS)
    for name in _FIELDS:
        for value in header.get_all(f"Resent-{name}" if resent else name):
            yield from _addresses(value)


def _addresses(value: bytes) -> list[str]:
    """What stands in the places of addresses; of a local user that is no more than a name."""
    return [each.address or each.name for each in parse_address_list(value, _MANY)]
