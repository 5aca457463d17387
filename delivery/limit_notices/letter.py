"""A short message of this server to the owner of an account. Pure."""

import textwrap
from collections.abc import Sequence

from delivery.dsn.lines import address_field, encode_part, field
from mail import clock
from mail.mime.generate import date_field, message_id_field, new_message_id

_WIDTH = 72


def owner_letter(host: str, to: str, subject: str, paragraphs: Sequence[str], moment: clock.Moment) -> bytes:
    """The message. `to` is an address as SMTP writes it; empty for nobody by name.

    Auto-Submitted keeps other programs from answering (RFC 3834).
    """
    text = "\r\n\r\n".join(_lines(paragraph) for paragraph in paragraphs).encode() + b"\r\n"
    encoding, body = encode_part(text, eight_bit_allowed=True)
    header = (
        address_field("From", f"Mail system at {host} <postmaster@{host}>")
        + address_field("To", f"<{to}>" if to else "undisclosed-recipients:;")
        + field("Subject", subject)
        + field("Auto-Submitted", "auto-generated")
        + field("MIME-Version", "1.0")
        + field("Content-Type", "text/plain; charset=utf-8")
        + field("Content-Transfer-Encoding", encoding)
    )
    own = date_field(moment) + message_id_field(new_message_id(host))
    return header.encode() + own + b"\r\n" + body


def _lines(paragraph: str) -> str:
    return "\r\n".join(textwrap.wrap(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False))
