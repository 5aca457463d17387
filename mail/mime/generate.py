"""Header fields that we write: Date, Message-ID (RFC 5322 section 3.6), Received (RFC 5321 section 4.4)."""

import ipaddress
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache

from mail import clock

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9._:\[\]-]")
_NOT_IN_COMMENT = re.compile(r"[^A-Za-z0-9._ :/=+,-]")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029<>]")
_NAME_LIMIT = 255
_ADDRESS_LIMIT = 320


def format_date(moment: clock.Moment) -> str:
    """The moment as RFC 5322 section 3.3 writes it, in UTC: "Tue, 01 Jul 2025 12:00:00 +0000"."""
    day = clock.as_datetime(moment)
    return (
        f"{_DAYS[day.weekday()]}, {day.day:02d} {_MONTHS[day.month - 1]} {day.year:04d} "
        f"{day.hour:02d}:{day.minute:02d}:{day.second:02d} +0000"
    )


def date_field(moment: clock.Moment) -> bytes:
    """A Date field."""
    return f"Date: {format_date(moment)}\r\n".encode("ascii")


def new_message_id(host: str) -> str:
    """A message id without angle brackets that nobody can guess; `host` is a name of ours, as A-label."""
    return f"{secrets.token_urlsafe(18)}@{host}"


def message_id_field(message_id: str) -> bytes:
    """A Message-ID field."""
    return f"Message-ID: <{message_id}>\r\n".encode("ascii")


@dataclass(frozen=True, slots=True)
class Reception:
    """How a message came to us, for its Received field.

    `helo` is what the client called itself, `client_ip` where it connected from, `client_name` its verified
    name in the DNS or "". `host` is our name, `session_id` what the client was shown. `recipient` is given
    only when there is exactly one: naming one of several would tell the others. `tls` names version and
    cipher, "" without TLS.
    """

    helo: str
    client_ip: str
    host: str
    session_id: str
    received: clock.Moment
    extended: bool = True
    tls: str = ""
    authenticated: bool = False
    utf8: bool = False
    client_name: str = ""
    recipient: str = ""


def received_field(reception: Reception) -> bytes:
    """A Received field (RFC 5321 section 4.4, protocol names of RFC 3848 and RFC 6531).

    What the client said cannot break out of its place: characters that are not part of a name become "?".
    """
    client = _address_literal(reception.client_ip)
    helo = _NOT_IN_NAME.sub("?", reception.helo[:_NAME_LIMIT]) or client
    name = _NOT_IN_NAME.sub("?", reception.client_name[:_NAME_LIMIT])
    protocol = f"with {_protocol(reception)}"
    if reception.tls:
        protocol += f" ({_NOT_IN_COMMENT.sub('?', reception.tls[:100])})"
    lines = [
        f"from {helo} ({f'{name} ' if name else ''}{client})",
        f"by {_NOT_IN_NAME.sub('?', reception.host)} {protocol}",
        f"id {_NOT_IN_NAME.sub('?', reception.session_id[:_NAME_LIMIT])}",
    ]
    if _can_be_named(reception):
        lines.append(f"for <{reception.recipient}>")
    return ("Received: " + "\r\n\t".join(lines) + f";\r\n\t{format_date(reception.received)}\r\n").encode()


def _protocol(reception: Reception) -> str:
    if not reception.extended:
        return "SMTP"
    base = "UTF8SMTP" if reception.utf8 else "ESMTP"
    return base + ("S" if reception.tls else "") + ("A" if reception.authenticated else "")


def _can_be_named(reception: Reception) -> bool:
    recipient = reception.recipient
    return (
        0 < len(recipient) <= _ADDRESS_LIMIT
        and (reception.utf8 or recipient.isascii())
        and _UNPRINTABLE.search(recipient) is None
    )


@lru_cache(maxsize=1000)
def _address_literal(ip: str) -> str:
    """The address literal for an IP address (RFC 5321 section 4.1.3); "[unknown]" for anything else."""
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return "[unknown]"
    if address.version == 6:
        mapped = address.ipv4_mapped
        return f"[{mapped}]" if mapped is not None else f"[IPv6:{address}]"
    return f"[{address}]"
