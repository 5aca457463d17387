"""What is done to the messages picked in a list, or to all of it."""

import logging
from typing import Final

from django.contrib import messages as notes
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from mail.configuration.rules.keywords import keyword_problem
from mail.models import Account
from mail.store.mailbox_changes import MailboxRefused
from mail.store.writer import CommitUnknown, WriterStopped
from moxsite.pages.access import account_page
from moxsite.pages.mailbox.applying import (
    USES,
    Action,
    Messages,
    Order,
    carry_out,
    count_of,
    removed_for_good,
    special_mailbox,
)
from moxsite.pages.mailbox.selection import Selection, selected_uids, selection_of
from moxsite.pages.words import counted

log = logging.getLogger(__name__)

_DONE: Final = {
    Action.READ: "marked as read",
    Action.UNREAD: "marked as unread",
    Action.STAR: "starred",
    Action.UNSTAR: "unstarred",
    Action.ARCHIVE: "moved to {target}",
    Action.JUNK: "moved to {target}",
    Action.INBOX: "moved to {target}",
    Action.MOVE: "moved to {target}",
    Action.DELETE: "moved to {target}",
    Action.TAG: "tagged “{keyword}”",
    Action.UNTAG: "freed of the tag “{keyword}”",
}


class _Wrong(Exception):
    """The order makes no sense. The text says what to do."""


@require_POST
@account_page
def act(request: HttpRequest, account: Account) -> HttpResponse:
    """Do it and go back to the list. Ask first where mail would be gone for good or a whole list is meant."""
    back = _way_back(request)
    try:
        order, selection = _order(request, account)
        messages = selected_uids(account, selection)
        if not messages or not count_of(messages):
            raise _Wrong("No message was picked. Tick some first, or all of the list.")
        gone = removed_for_good(order, messages)
        if (gone or selection.everything) and request.POST.get("confirmed") != "1":
            return _question(request, order, selection, messages, gone, back)
        done = carry_out(account, order, messages)
    except (_Wrong, MailboxRefused) as error:
        notes.error(request, str(error))
    except (Error, WriterStopped, CommitUnknown, TimeoutError, LookupError) as error:
        log.warning("mail was not changed as asked", extra={"fields": {"reason": str(error)}})
        notes.error(request, "Not everything could be done, and what was done stays. Try again in a moment.")
    else:
        notes.success(request, _told(account, order, done, gone))
    return redirect(back)


def _order(request: HttpRequest, account: Account) -> tuple[Order, Selection]:
    """What was asked for. A button of a single line names its message too, as in star:12.7."""
    name, _, single = request.POST.get("do", "").partition(":")
    selection = Selection(references=(single,)) if single else selection_of(request)
    if name not in list(Action):
        raise _Wrong("Choose what to do with the messages.")
    action = Action(name)
    if action is Action.MOVE:
        target = request.POST.get("target", "")
        number = int(target) if target.isascii() and target.isdigit() and len(target) < 19 else 0
        found = account.mailboxes.filter(pk=number).first()
        if found is None:
            raise _Wrong("Choose the mailbox to move to.")
        return Order(action, target=found), selection
    keyword = request.POST.get("keyword", "").strip() if action in (Action.TAG, Action.UNTAG) else ""
    if action is Action.TAG and (problem := keyword_problem(keyword)):
        raise _Wrong(problem)
    return Order(action, keyword=keyword), selection


def _question(
    request: HttpRequest, order: Order, selection: Selection, messages: Messages, gone: int, back: str
) -> HttpResponse:
    count = count_of(messages)
    context = {
        "order": order,
        "selection": selection,
        "messages_text": counted(count, "message"),
        "gone_text": counted(gone, "message") if gone else "",
        "all_gone": gone == count,
        "mailboxes": [mailbox.name for mailbox in messages],
        "action": _ASKED[order.action].format(
            target=order.target.name if order.target else "", keyword=order.keyword
        ),
        "back": back,
    }
    return render(request, "pages/confirm_action.html", context)


_ASKED: Final = {
    Action.READ: "mark as read",
    Action.UNREAD: "mark as unread",
    Action.STAR: "star",
    Action.UNSTAR: "remove the star from",
    Action.ARCHIVE: "archive",
    Action.JUNK: "move to Junk",
    Action.INBOX: "move to the Inbox",
    Action.MOVE: "move to {target}",
    Action.DELETE: "delete",
    Action.TAG: "tag “{keyword}”",
    Action.UNTAG: "take the tag “{keyword}” from",
}


def _told(account: Account, order: Order, done: int, gone: int) -> str:
    if not done:
        return "Nothing had to be changed."
    subject = counted(done, "message") + (" was " if done == 1 else " were ")
    if gone:
        return f"{subject}deleted for good." if gone == done else f"{subject}deleted, {gone} for good."
    target = order.target
    if target is None and order.action in USES:
        target = special_mailbox(account, USES[order.action])
    name = target.name if target else ""
    return subject + _DONE[order.action].format(target=name, keyword=order.keyword) + "."


def _way_back(request: HttpRequest) -> str:
    back = request.POST.get("back", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    return reverse("mail")
