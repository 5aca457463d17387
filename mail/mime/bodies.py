"""Which parts of a message are shown as its text, and which are offered as attachments."""

from dataclasses import dataclass
from typing import Final

from mail.mime.part_index import Part, PartIndex

EMBEDDED_LIMIT: Final = 1024 * 1024
"""Bytes, as they were sent, of the largest image that is shown within HTML."""

EMBEDDED_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

_PLAIN: Final = "text/plain"
_HTML: Final = "text/html"


@dataclass(frozen=True, slots=True)
class Body:
    """Positions of parts in the index: what is shown, in order, and what can be downloaded."""

    shown: tuple[int, ...]
    attachments: tuple[int, ...]


def has_html(index: PartIndex) -> bool:
    """Whether there is HTML to show."""
    return any(
        index.parts[position].content_type == _HTML for position in choose_body(index, html=True).shown
    )


def has_both_forms(index: PartIndex) -> bool:
    """Whether the text can be shown as HTML and as plain text (multipart/alternative)."""
    return choose_body(index, html=True).shown != choose_body(index, html=False).shown


def choose_body(index: PartIndex, *, html: bool) -> Body:
    """What to show, preferring HTML or plain text where the message has both (RFC 2046 section 5.1.4).

    Images that the HTML shows are no attachments.
    """
    shown: list[int] = []
    attachments: list[int] = []
    pending = [0]
    while pending:
        position = pending.pop()
        part = index.parts[position]
        inner = [child for child, _ in index.children(position)]
        if part.is_multipart and inner:
            if part.content_type == "multipart/alternative":
                inner = [_preferred(index, inner, html)]
            pending.extend(reversed(inner))
        elif _is_text(part):
            shown.append(position)
        elif not part.is_multipart:
            attachments.append(position)
    if any(index.parts[position].content_type == _HTML for position in shown):
        attachments = [position for position in attachments if not _is_embedded(index, position)]
    return Body(tuple(shown), tuple(attachments))


def _is_text(part: Part) -> bool:
    return part.content_type in (_PLAIN, _HTML) and not part.is_attachment


def _is_embedded(index: PartIndex, position: int) -> bool:
    """Whether HTML shows it: an image with an id, in a multipart/related (RFC 2387)."""
    part = index.parts[position]
    if not part.content_id or part.content_type not in EMBEDDED_TYPES or part.parent < 0:
        return False
    if part.body_length > EMBEDDED_LIMIT:
        return False
    return index.parts[part.parent].content_type == "multipart/related"


def _preferred(index: PartIndex, alternatives: list[int], html: bool) -> int:
    """The alternative that holds the wanted form, else the last one with a text: the sender's best."""
    wanted, other = (_HTML, _PLAIN) if html else (_PLAIN, _HTML)
    for form in (wanted, other):
        for position in reversed(alternatives):
            if _holds(index, position, form):
                return position
    return alternatives[-1]


def _holds(index: PartIndex, position: int, content_type: str) -> bool:
    """Whether the part, or one inside it, is a text of this type."""
    part = index.parts[position]
    if not part.is_multipart:
        return part.content_type == content_type and not part.is_attachment
    return any(_holds(index, child, content_type) for child, _ in index.children(position))
