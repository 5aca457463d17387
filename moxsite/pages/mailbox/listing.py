"""The messages of a mailbox, newest first."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mail.models import Account, Flag, Mailbox, Message
from moxsite.pages.access import account_page
from moxsite.pages.connection import client_settings
from moxsite.pages.cursor import PAGE, Page, newer_page, number_of, older_page
from moxsite.pages.mailbox.lines import Line, count_conversations, is_outgoing, lines_of, shown_columns
from moxsite.pages.mailboxes import own_mailbox, side

_CONVERSATIONS = "conversations"


class Show(StrEnum):
    """Which messages of the mailbox."""

    ALL = ""
    UNREAD = "unread"
    STARRED = "starred"


@dataclass(frozen=True, slots=True)
class View:
    """What of a mailbox the list shows."""

    show: Show
    conversations: bool


@require_safe
@account_page
def inbox(request: HttpRequest, account: Account) -> HttpResponse:
    """The start page: the first mailbox, or how to get mail when there is none yet."""
    entries = side(account)["entries"]
    return _list_page(request, account, entries[0].mailbox if entries else None)


@require_safe
@account_page
def mailbox(request: HttpRequest, account: Account, mailbox_id: int) -> HttpResponse:
    """One mailbox."""
    return _list_page(request, account, own_mailbox(account, mailbox_id))


def chosen_messages(mailbox: Mailbox, show: str) -> QuerySet[Message]:
    """The messages of a mailbox that a list with this filter shows."""
    rows = Message.objects.filter(mailbox=mailbox)
    if show == Show.UNREAD:
        return rows.annotate(seen=F("flags").bitand(int(Flag.SEEN))).filter(seen=0)
    if show == Show.STARRED:
        return rows.annotate(star=F("flags").bitand(int(Flag.FLAGGED))).exclude(star=0)
    return rows


def _list_page(request: HttpRequest, account: Account, current: Mailbox | None) -> HttpResponse:
    view = _view(request)
    page = _lines(request, current, view) if current is not None else Page([], False, False)
    context = {
        **side(account),
        "mailbox": current,
        "page": page,
        "view": view,
        "outgoing": current is not None and is_outgoing(current),
        "connect": None if page.rows else client_settings(account),
    }
    return render(request, "pages/mail.html", context)


def _view(request: HttpRequest) -> View:
    """What the address asks for. Whether conversations are wanted is remembered for the session."""
    wanted = request.GET.get(_CONVERSATIONS)
    if wanted in ("0", "1"):
        request.session[_CONVERSATIONS] = wanted == "1"
    show = request.GET.get("show", "")
    return View(
        Show(show) if show in list(Show) else Show.ALL, bool(request.session.get(_CONVERSATIONS, False))
    )


def _lines(request: HttpRequest, current: Mailbox, view: View) -> Page[Line]:
    page = _page(request, current, view)
    if view.conversations:
        count_conversations(list(page.rows))
    return page


def _page(request: HttpRequest, current: Mailbox, view: View) -> Page[Line]:
    rows = shown_columns(chosen_messages(current, view.show))
    if view.conversations:
        rows = rows.filter(~Exists(_newer_of_conversation(current, view.show)))
    after = _position(request, "after")
    if after is not None:
        newer = rows.filter(Q(received__gt=after[0]) | Q(received=after[0], uid__gt=after[1]))
        page = newer_page(lines_of(newer.order_by("received", "uid")[: PAGE + 1]))
        if page.has_newer:
            return page
    before = _position(request, "before")
    if before is not None:
        rows = rows.filter(
            Q(received__lt=before[0]) | Q(received=before[0], uid__lt=before[1]), received__lte=before[0]
        )
    return older_page(lines_of(rows.order_by("-received", "-uid")[: PAGE + 1]), from_start=before is None)


def _newer_of_conversation(current: Mailbox, show: Show) -> QuerySet[Message]:
    """Messages that stand for the conversation instead. The first condition lets the index find the place."""
    return chosen_messages(current, show).filter(
        Q(received__gt=OuterRef("received")) | Q(received=OuterRef("received"), uid__gt=OuterRef("uid")),
        received__gte=OuterRef("received"),
        thread=OuterRef("thread"),
    )


def _position(request: HttpRequest, name: str) -> tuple[int, int] | None:
    """Where a page starts: the moment a message arrived, and its uid for those of the same moment."""
    moment, uid = number_of(request, name), number_of(request, "uid")
    return None if moment is None or uid is None else (moment, uid)
