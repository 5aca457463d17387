"""The sender's HTML, made safe, as a document for a sandboxed frame."""

import base64
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from mail.mime.bodies import EMBEDDED_LIMIT, EMBEDDED_TYPES
from mail.mime.decode import decode_text, decode_transfer
from mail.mime.html import (
    CONTENT_SECURITY_POLICY,
    CONTENT_SECURITY_POLICY_WITH_REMOTE_IMAGES,
    LENGTH_LIMIT,
    sanitize_html,
)
from mail.models import Account
from moxsite.pages.access import account_page
from moxsite.pages.opened import OpenedMessage, open_message
from moxsite.pages.policy import mark_foreign

ALL_EMBEDDED_LIMIT: Final = 8 * EMBEDDED_LIMIT
"""Bytes of embedded images, as they were sent, that one document carries."""


class EmbeddedImages:
    """Images of the message that its HTML refers to by content id, as data: URLs.

    The frame has an origin of its own, so a request for an image would come without the reader's session.
    """

    def __init__(self, opened: OpenedMessage) -> None:
        self._opened = opened
        self._numbers = {
            part.content_id: number
            for number, part in enumerate(opened.index.parts)
            if part.content_id and part.content_type in EMBEDDED_TYPES
        }
        self._left = ALL_EMBEDDED_LIMIT

    def __call__(self, content_id: str) -> str | None:
        """The image with this id; None when there is none, or when it is too large."""
        number = self._numbers.get(content_id)
        if number is None:
            return None
        part = self._opened.part(number)
        if part.body_length > min(EMBEDDED_LIMIT, self._left):
            return None
        self._left -= part.body_length
        data = b"".join(decode_transfer(self._opened.part_bytes(part), part.encoding))
        return f"data:{part.content_type};base64,{base64.b64encode(data).decode('ascii')}"


@require_safe
@account_page
def html_body(request: HttpRequest, account: Account, mailbox_id: int, uid: int, number: int) -> HttpResponse:
    """The document. `?images=load` lets images come from other servers, which then learn of the reading."""
    opened = open_message(account, mailbox_id, uid)
    part = opened.part(number)
    if part.content_type != "text/html":
        raise Http404
    remote = request.GET.get("images") == "load"
    decoded = decode_text(decode_transfer(opened.part_bytes(part), part.encoding), part.charset, LENGTH_LIMIT)
    safe = sanitize_html(decoded.text, EmbeddedImages(opened), remote_images=remote)
    context = {"html": mark_safe(safe.html), "truncated": decoded.truncated or safe.truncated}
    response = render(request, "pages/html_body.html", context)
    mark_foreign(response, CONTENT_SECURITY_POLICY_WITH_REMOTE_IMAGES if remote else CONTENT_SECURITY_POLICY)
    return response
