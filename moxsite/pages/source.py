"""A message as it came: its header, and the whole of it to download."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from mail.mime.encoded_words import decode_header_text
from mail.models import Account
from moxsite.pages.access import account_page
from moxsite.pages.opened import open_message
from moxsite.pages.policy import mark_foreign
from moxsite.pages.streaming import streamed

SOURCE_SHOWN: Final = 256 * 1024
"""Bytes of a message on the page of its source."""

_LONGEST_VALUE: Final = 16 * 1024
"""Characters of a field that are shown; signatures and traces are long."""


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A field of the header for reading: its name, and its value unfolded and decoded."""

    name: str
    value: str


@require_safe
@account_page
def headers(request: HttpRequest, account: Account, mailbox_id: int, uid: int) -> HttpResponse:
    """All fields of the header, in their order."""
    opened = open_message(account, mailbox_id, uid)
    context = {
        "mailbox": opened.mailbox,
        "message": opened.message,
        "fields": [_field(raw) for raw in opened.header().fields if raw.strip()],
    }
    return render(request, "pages/headers.html", context)


@require_safe
@account_page
def source(request: HttpRequest, account: Account, mailbox_id: int, uid: int) -> HttpResponse:
    """The beginning of the message as it came, to read."""
    opened = open_message(account, mailbox_id, uid)
    shown = bytearray()
    for piece in opened.raw_bytes():
        shown += piece
        if len(shown) >= SOURCE_SHOWN:
            break
    context = {
        "mailbox": opened.mailbox,
        "message": opened.message,
        "text": bytes(shown[:SOURCE_SHOWN]).decode("utf-8", "replace").replace("\0", "\ufffd"),
        "is_cut": opened.message.size > SOURCE_SHOWN,
    }
    return render(request, "pages/source.html", context)


@require_safe
@account_page
def raw(request: HttpRequest, account: Account, mailbox_id: int, uid: int) -> HttpResponseBase:
    """The message byte for byte, as a file that mail programs open."""
    opened = open_message(account, mailbox_id, uid)
    response = streamed(request, opened.raw_bytes(), "message/rfc822")
    response.headers["Content-Length"] = str(opened.message.size)
    name = f"{opened.mailbox.name.replace('/', '-')}-{uid}.eml"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    mark_foreign(response)
    return response


def _field(line: bytes) -> HeaderField:
    name, _, value = line.partition(b":")
    unfolded = b" ".join(value.split())
    return HeaderField(name.decode("ascii", "replace").strip(), decode_header_text(unfolded, _LONGEST_VALUE))
