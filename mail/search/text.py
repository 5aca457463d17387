"""What of a stored message can be searched for."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mail.mime.address_list import parse_address_list
from mail.mime.bodies import choose_body
from mail.mime.decode import decode_text, decode_transfer
from mail.mime.headers import HEADER_LIMIT, HeaderBlock
from mail.mime.part_index import Part, PartIndex
from mail.models import Content
from mail.search.plain_html import html_text
from mail.search.words import words_of
from mail.store.contents import ContentMissing, read
from mail.store.part_indexes import part_index

log = logging.getLogger(__name__)

TEXT_LIMIT: Final = 64 * 1024
"""Characters of a message's text that are indexed."""

_HTML_LIMIT: Final = 4 * TEXT_LIMIT
_WORD_LIMIT: Final = 12_000  # PostgreSQL keeps no position beyond 16 383


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a message, by where they stand, divided by single spaces."""

    subject: str
    sender: str
    recipients: str
    body: str
    has_attachment: bool


def searchable_words(content: Content) -> Words:
    """The words of a message. One that is damaged is found by its subject and sender alone."""
    recipients, body, attached = content.to_text, "", False
    try:
        index = part_index(content.id, bytes(content.part_index))
        recipients = _recipients(content.id, index)
        chosen = choose_body(index, html=False)
        attached = bool(chosen.attachments)
        names = (index.parts[position].filename for position in chosen.attachments)
        texts = [*_texts(content.id, index, chosen.shown), *names]
        body = " ".join(texts)
    except (ContentMissing, ValueError, LookupError, RecursionError) as error:
        fields = {"content": content.id, "reason": str(error)}
        log.warning("a message is indexed without its text", extra={"fields": fields})
    return Words(
        _joined(content.subject),
        _joined(f"{content.from_name} {content.from_address}"),
        _joined(recipients),
        _joined(body),
        attached,
    )


def _joined(text: str) -> str:
    return " ".join(words_of(text)[:_WORD_LIMIT])


def _recipients(content_id: int, index: PartIndex) -> str:
    length = min(index.parts[0].header_length, HEADER_LIMIT)
    block = b"".join(read(content_id, 0, length)) if length else b""
    header = HeaderBlock.parse(block.rstrip(b"\r\n") + b"\r\n")
    values = [value for name in ("to", "cc", "bcc") for value in header.get_all(name)]
    people = [person for value in values for person in parse_address_list(value)]
    return " ".join(f"{person.name} {person.address}" for person in people)


def _texts(content_id: int, index: PartIndex, positions: tuple[int, ...]) -> Iterator[str]:
    left = TEXT_LIMIT
    for position in positions:
        if left <= 0:
            return
        text = _text(content_id, index.parts[position])[:left]
        left -= len(text)
        yield text


def _text(content_id: int, part: Part) -> str:
    is_html = part.content_type == "text/html"
    pieces = decode_transfer(read(content_id, part.body_offset, part.body_length), part.encoding)
    text = decode_text(pieces, part.charset, _HTML_LIMIT if is_html else TEXT_LIMIT).text
    return html_text(text) if is_html else text
