"""One message: header summary, text, attachments."""

import logging
from dataclasses import dataclass
from typing import Final

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from mail.mime.address_list import HeaderAddress, parse_address_list
from mail.mime.bodies import choose_body, has_both_forms, has_html
from mail.mime.decode import decode_text, decode_transfer
from mail.mime.flowed import unflow
from mail.mime.part_index import Part
from mail.models import Account, Flag
from mail.store.flags import SetFlags
from mail.store.writer import WriterStopped, writer
from moxsite.pages.access import account_page
from moxsite.pages.checked import checked
from moxsite.pages.mailbox.lines import Line
from moxsite.pages.mailbox.neighbours import conversation, in_mailbox, in_results
from moxsite.pages.mailboxes import mailbox_entries
from moxsite.pages.opened import OpenedMessage, open_message
from moxsite.pages.parts import filename
from moxsite.pages.plain import plain_as_html

log = logging.getLogger(__name__)

TEXT_SHOWN: Final = 256 * 1024
"""Characters of a text on the page; the rest is behind a link."""

_WRITE_SECONDS: Final = 10.0
_ENCODED_LINE, _DECODED_LINE = 78, 57  # bytes of a base64 line with its end, and what they stand for


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part of the text: plain text as HTML, or a frame with the sender's HTML (then `text` is None)."""

    number: int
    text: SafeString | None
    truncated: bool
    size: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part to download, with its approximate size when it is decoded."""

    number: int
    name: str
    content_type: str
    size: int


@require_safe
@account_page
def message(request: HttpRequest, account: Account, mailbox_id: int, uid: int) -> HttpResponse:
    """The page of a message. Opening it marks it as read."""
    opened = open_message(account, mailbox_id, uid)
    if request.method == "GET":
        _mark_seen(account, opened)
    as_html = request.GET.get("view") != "text" and has_html(opened.index)
    body = choose_body(opened.index, html=as_html)
    header = opened.header()
    text = request.GET.get("q", "")
    row = opened.message
    context = {
        "mailbox": opened.mailbox,
        "message": opened.message,
        "content": opened.message.content,
        "checked": checked(opened.message),
        "to": _addresses(header.get_all("to")),
        "cc": _addresses(header.get_all("cc")),
        "as_html": as_html,
        "images": "?images=load" if request.GET.get("images") == "load" else "",
        "has_both_forms": has_both_forms(opened.index),
        "shown": [_shown(opened, number) for number in body.shown],
        "attachments": [_attachment(opened.index.parts[number], number) for number in body.attachments],
        "incomplete": opened.index.truncated,
        "around": in_results(account, text, row) if text else in_mailbox(opened.mailbox, row),
        "line": Line(row),
        "conversation": conversation(account, row),
        "entries": mailbox_entries(account),
    }
    return render(request, "pages/message.html", context)


def _addresses(values: list[bytes]) -> list[HeaderAddress]:
    return [address for value in values for address in parse_address_list(value)]


def _shown(opened: OpenedMessage, number: int) -> ShownPart:
    part = opened.part(number)
    if part.content_type == "text/html":
        return ShownPart(number, None, False, decoded_size(part))
    pieces = decode_transfer(opened.part_bytes(part), part.encoding)
    decoded = decode_text(pieces, part.charset, TEXT_SHOWN)
    text = unflow(decoded.text, delete_space=part.delete_space) if part.flowed else decoded.text
    return ShownPart(number, plain_as_html(text.rstrip()), decoded.truncated, decoded_size(part))


def _attachment(part: Part, number: int) -> Attachment:
    return Attachment(number, filename(part, number), part.content_type, decoded_size(part))


def decoded_size(part: Part) -> int:
    """About how many bytes the part has once decoded; exact unless it is encoded."""
    if part.encoding == "base64":
        return part.body_length * _DECODED_LINE // _ENCODED_LINE
    return part.body_length


def _mark_seen(account: Account, opened: OpenedMessage) -> None:
    """Mark as read. Whoever reads gets the message also when that can't be stored."""
    if opened.message.flags & Flag.SEEN:
        return
    change = SetFlags(account.pk, opened.mailbox.pk, (opened.message.uid,), add=Flag.SEEN)
    try:
        writer().submit(change).result(timeout=_WRITE_SECONDS)
    except (Error, WriterStopped, TimeoutError, LookupError) as error:
        log.warning("not marked as read", extra={"fields": {"uid": opened.message.uid, "reason": str(error)}})
