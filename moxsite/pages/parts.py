"""One part of a message, decoded: an attachment, or a text too long for the page."""

import mimetypes
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from mail.mime.decode import decode_transfer
from mail.mime.part_index import Part
from mail.models import Account
from moxsite.pages.access import account_page
from moxsite.pages.opened import open_message
from moxsite.pages.policy import mark_foreign
from moxsite.pages.streaming import streamed

UNKNOWN_TYPE: Final = "application/octet-stream"
_VIEWABLE: Final = frozenset(
    {"text/plain", "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}
)
"""What browsers show without running anything."""

_ACTIVE: Final = frozenset(
    {"text/html", "text/xml", "text/xsl", "application/xml", "text/javascript", "text/css"}
)
"""What a browser might run or render as a page, apart from types whose names say so."""


@require_safe
@account_page
def part(request: HttpRequest, account: Account, mailbox_id: int, uid: int, number: int) -> HttpResponseBase:
    """The part at position `number` of the index, its transfer encoding undone, streamed."""
    opened = open_message(account, mailbox_id, uid)
    found = opened.part(number)
    pieces = decode_transfer(opened.part_bytes(found), found.encoding)
    response = streamed(request, pieces, served_type(found))
    disposition = content_disposition_header(found.content_type not in _VIEWABLE, filename(found, number))
    response.headers["Content-Disposition"] = disposition or "attachment"
    mark_foreign(response)
    return response


def served_type(found: Part) -> str:
    """The content type that is safe to tell a browser; the charset only where it matters."""
    kind = found.content_type
    if kind == "text/plain":
        return (
            f"text/plain; charset={found.charset}"
            if _is_token(found.charset)
            else "text/plain; charset=utf-8"
        )
    active = kind in _ACTIVE or kind.endswith("+xml") or "script" in kind
    return UNKNOWN_TYPE if active or kind.startswith(("multipart/", "text/")) else kind


def filename(found: Part, number: int) -> str:
    """The name the sender gave, or one made from the position and the type."""
    if found.filename:
        return found.filename
    if found.content_type in ("message/rfc822", "message/global"):
        return f"message-{number}.eml"
    return f"part-{number}{mimetypes.guess_extension(found.content_type) or ''}"


def _is_token(charset: str) -> bool:
    return bool(charset) and charset.isascii() and charset.replace("-", "").replace("_", "").isalnum()
