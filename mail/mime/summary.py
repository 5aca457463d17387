"""What a list of messages shows of each one, read from its header section."""

import re
from dataclasses import dataclass
from functools import lru_cache

from mail import clock
from mail.mime.address_list import HeaderAddress, parse_address_list
from mail.mime.dates import parse_date
from mail.mime.encoded_words import TEXT_LIMIT, clean_text, decode_header_text
from mail.mime.headers import HeaderBlock

REFERENCE_LIMIT = 100
"""Message ids kept of a References field: the first, which names the thread, and the last ones."""

_REMEMBERED = 300

_NOBODY = HeaderAddress("", "")
_ONE_ID = re.compile(rb"<([!-;=?-~]{1,%d})>" % TEXT_LIMIT)
_MESSAGE_ID = re.compile(rb"<([^<>]{1,2000})>")


@dataclass(slots=True)  # not frozen: made for each message
class Summary:
    """The header of a message as clean text: decoded, without controls, in NFC, no text over 998 characters.

    `date` is what the sender wrote, None when it is missing or unreadable. Message ids are without angle
    brackets and white space; `message_id` is empty when there is none.
    """

    subject: str
    sender: HeaderAddress
    recipients: tuple[HeaderAddress, ...]
    date: clock.Moment | None
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]


def summarize(block: HeaderBlock) -> Summary:
    """The summary of a header section. Never raises; of a repeated field the first one counts."""
    sender = _people(block.get("from") or b"", 1)
    date = block.get("date")
    ids = parse_message_ids(block.get("message-id") or b"")
    return Summary(
        subject=decode_header_text(block.get("subject") or b""),
        sender=sender[0] if sender else _NOBODY,
        recipients=_people(block.get("to") or b""),
        date=None if date is None else parse_date(date),
        message_id=ids[0] if ids else "",
        in_reply_to=parse_message_ids(block.get("in-reply-to") or b""),
        references=parse_message_ids(block.get("references") or b""),
    )


def _people(value: bytes, limit: int = 100) -> tuple[HeaderAddress, ...]:
    """People write again and again: short values are remembered."""
    return (_known_people if len(value) <= _REMEMBERED else parse_address_list)(value, limit)


_known_people = lru_cache(maxsize=512)(parse_address_list)


def parse_message_ids(value: bytes) -> tuple[str, ...]:
    """The ids in a Message-ID, In-Reply-To or References value, in order, each once (RFC 5322 section 3.6.4).

    A value without angle brackets counts as one id when it looks like one: a single word with an "@".
    """
    if not value:
        return ()
    one = _ONE_ID.fullmatch(value)
    if one is not None:
        return (one[1].decode("ascii"),)
    found: list[bytes] = _MESSAGE_ID.findall(value)
    if not found and b"<" not in value and b"@" in value and len(value.split()) == 1:
        found = [value]
    if len(found) > REFERENCE_LIMIT:
        found = found[:1] + found[1 - REFERENCE_LIMIT :]
    ids = (clean_text(b"".join(raw.split()).decode("utf-8", "replace"), TEXT_LIMIT) for raw in found)
    return tuple(dict.fromkeys(text for text in ids if text))
