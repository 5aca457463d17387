"""From whom the message is: the envelope sender and the author in From."""

import os
import pwd
import re
from email.header import Header
from email.utils import parseaddr

from delivery.sendmail.configuration import Configuration
from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.mime.address_list import parse_address_list
from mail.mime.encoded_words import clean_text, decode_header_text
from mail.mime.headers import HeaderBlock

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_LONGEST_NAME = 200


def envelope_sender(given: str | None, configuration: Configuration) -> Address | None:
    """The sender that -f gives ("" for the null sender), or else the configured one.

    A name without domain is a local user, whose mail comes from the configured address. Raises AddressError.
    """
    if given == "":
        return None
    if given is None:
        return configuration.sender or _user_address(configuration)
    text = given.strip().removeprefix("<").removesuffix(">")
    if _is_local(text, configuration):
        name = text.partition("@")[0]
        return configuration.sender or parse_address(f"{name}@{configuration.hostname}")
    return parse_address(text)


def from_field(
    header: HeaderBlock, sender: Address | None, name: str, configuration: Configuration
) -> bytes | None:
    """The From field to put in place of what the message has; None when that is fine.

    Programs write their user's name, with or without this machine's name, where only an address that the
    mail server knows will do: such an author becomes the envelope sender and keeps the name. An address
    elsewhere is the program's own choice and stays.
    """
    values = header.get_all("From")
    author = sender or configuration.sender or _user_address(configuration)
    if not values:
        return _from(name, author)
    found = parse_address_list(values[0])
    if not found or any(_is_local(each.address or each.name, configuration) for each in found):
        return _from(name or _shown_name(values[0]), author)
    if len(values) == 1:
        return None
    try:
        first = parse_address(found[0].address)
    except AddressError:
        first = author
    return _from(found[0].name, first)


def _from(name: str, author: Address) -> bytes:
    name = clean_text(name, _LONGEST_NAME)
    if not name:
        return f"From: {author}\r\n".encode()
    if not name.isascii():
        phrase = Header(name, "utf-8", header_name="From").encode(linesep="\r\n")
    elif _ATOMS.fullmatch(name):
        phrase = name
    else:
        phrase = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"From: {phrase} <{author}>\r\n".encode()


def _shown_name(value: bytes) -> str:
    """The display name, or the comment that old programs write in its place: root (Cron Daemon)."""
    return decode_header_text(parseaddr(value.decode("utf-8", "replace"))[0].encode())


def _is_local(address: str, configuration: Configuration) -> bool:
    """Whether the address means something only here: without domain, or at this machine's own name.

    Where the configured sender is at that name too, it is a mail domain like any other.
    """
    localpart, _, domain = address.rpartition("@")
    domain = domain.lower().rstrip(".")
    if not localpart or domain in ("", "localhost"):
        return True
    configured = configuration.sender
    return configured is not None and domain == configuration.hostname != configured.domain


def _user_address(configuration: Configuration) -> Address:
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = f"uid-{os.getuid()}"
    return parse_address(f"{user}@{configuration.hostname}")
