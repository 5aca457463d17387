"""The messages of a mailbox, newest first."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mail.models import Account, Flag, Mailbox, Message, SpecialUse
from moxsite.pages.access import account_page
from moxsite.pages.connection import client_settings
from moxsite.pages.cursor import PAGE, Page, newer_page, number_of, older_page
from moxsite.pages.mailboxes import Entry, mailbox_entries, own_mailbox

_SHOWN = (
    "id",
    "uid",
    "size",
    "received",
    "flags",
    "envelope_sender",
    "content__subject",
    "content__from_name",
    "content__from_address",
    "content__to_text",
)


@dataclass(frozen=True, slots=True)
class Line:
    """A message in the list. `outgoing`: shown with its recipients, because the sender is the reader."""

    message: Message
    outgoing: bool

    @property
    def unread(self) -> bool:
        """Whether nobody has opened it yet."""
        return not self.message.flags & Flag.SEEN

    @property
    def starred(self) -> bool:
        """Whether it is flagged."""
        return bool(self.message.flags & Flag.FLAGGED)

    @property
    def answered(self) -> bool:
        """Whether it was answered."""
        return bool(self.message.flags & Flag.ANSWERED)

    @property
    def person(self) -> str:
        """The other side: whom it is from, or whom it went to."""
        content = self.message.content
        if self.outgoing:
            return content.to_text or "nobody"
        return content.from_name or content.from_address or self.message.envelope_sender or "nobody"


@require_safe
@account_page
def inbox(request: HttpRequest, account: Account) -> HttpResponse:
    """The start page: the first mailbox, or how to get mail when there is none yet."""
    entries = mailbox_entries(account)
    return _list_page(request, account, entries, entries[0].mailbox if entries else None)


@require_safe
@account_page
def mailbox(request: HttpRequest, account: Account, mailbox_id: int) -> HttpResponse:
    """One mailbox."""
    return _list_page(request, account, mailbox_entries(account), own_mailbox(account, mailbox_id))


def is_outgoing(current: Mailbox) -> bool:
    """Whether what is in the mailbox was written by its owner."""
    return current.special_use in (SpecialUse.SENT, SpecialUse.DRAFTS)


def _list_page(
    request: HttpRequest, account: Account, entries: list[Entry], current: Mailbox | None
) -> HttpResponse:
    page = _lines(request, current) if current is not None else Page([], False, False)
    context = {
        "entries": entries,
        "mailbox": current,
        "page": page,
        "outgoing": current is not None and is_outgoing(current),
        "connect": None if page.rows else client_settings(account),
    }
    return render(request, "pages/mail.html", context)


def _lines(request: HttpRequest, current: Mailbox) -> Page[Line]:
    rows = Message.objects.filter(mailbox=current).select_related("content").only(*_SHOWN)
    outgoing = is_outgoing(current)
    after = number_of(request, "after")
    if after is not None:
        page = newer_page(_first(rows.filter(uid__gt=after).order_by("uid"), outgoing))
        if page.has_newer:
            return page
    before = number_of(request, "before")
    if before is not None:
        rows = rows.filter(uid__lt=before)
    return older_page(_first(rows.order_by("-uid"), outgoing), from_start=before is None)


def _first(rows: QuerySet[Message], outgoing: bool) -> list[Line]:
    """One row more than a page has, to know whether another page follows."""
    return [Line(message, outgoing) for message in rows[: PAGE + 1]]
