"""Which messages a form means."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from mail.models import Account, Mailbox, Message
from mail.search.finding import Search
from mail.search.query import parse_query
from moxsite.pages.cursor import HIGHEST
from moxsite.pages.mailbox.listing import chosen_messages

MOST_NAMED: Final = 1000
"""Messages that a form names one by one; a page has far fewer."""

_REFERENCE: Final = re.compile(r"(t?)(\d{1,19})\.(\d{1,19})")


@dataclass(frozen=True, slots=True)
class Selection:
    """Messages that were picked one by one, or all of a mailbox, or all results of a search."""

    references: tuple[str, ...] = ()
    everything: bool = False
    mailbox_id: int = 0
    show: str = ""
    query: str = ""


def selection_of(request: HttpRequest) -> Selection:
    """What was sent. `all` means all of the list that the form stood under."""
    sent = request.POST
    mailbox = sent.get("mailbox", "")
    return Selection(
        references=tuple(dict.fromkeys(sent.getlist("message")[:MOST_NAMED])),
        everything=sent.get("all") == "1",
        mailbox_id=int(mailbox) if mailbox.isascii() and mailbox.isdigit() and len(mailbox) < 19 else 0,
        show=sent.get("show", ""),
        query=sent.get("q", ""),
    )


def selected_uids(account: Account, selection: Selection) -> dict[Mailbox, list[int]]:
    """The messages by mailbox, with their ascending uids. What the account does not have is left out."""
    mailboxes = {mailbox.pk: mailbox for mailbox in account.mailboxes.all()}
    if not selection.everything:
        found = _named(mailboxes, selection.references)
    elif selection.query:
        found = _results(account, selection.query)
    else:
        found = _of_mailbox(mailboxes.get(selection.mailbox_id), selection.show)
    return {
        mailboxes[mailbox]: sorted(uids) for mailbox, uids in sorted(found.items()) if mailbox in mailboxes
    }


def _named(mailboxes: Mapping[int, Mailbox], references: Iterable[str]) -> dict[int, set[int]]:
    wanted: dict[int, set[int]] = defaultdict(set)
    whole: dict[int, set[int]] = defaultdict(set)
    for reference in references:
        parts = _REFERENCE.fullmatch(reference)
        if parts is not None and int(parts[2]) in mailboxes and int(parts[3]) <= HIGHEST:
            (whole if parts[1] else wanted)[int(parts[2])].add(int(parts[3]))
    for mailbox, uids in whole.items():
        wanted[mailbox] |= _conversations(mailbox, uids) | uids
    return {
        mailbox: set(Message.objects.filter(mailbox_id=mailbox, uid__in=uids).values_list("uid", flat=True))
        for mailbox, uids in wanted.items()
    }


def _conversations(mailbox: int, uids: Iterable[int]) -> set[int]:
    """The uids of all messages of the mailbox that are in a conversation with one of these."""
    own = Message.objects.filter(mailbox_id=mailbox)
    threads = own.filter(uid__in=list(uids), thread__isnull=False).values_list("thread", flat=True)
    return set(own.filter(thread__in=list(threads)).values_list("uid", flat=True))


def _results(account: Account, text: str) -> dict[int, set[int]]:
    query = parse_query(text)
    found: dict[int, set[int]] = defaultdict(set)
    if not query.is_empty:
        for mailbox, uid in Search(account, query).everything():
            found[mailbox].add(uid)
    return found


def _of_mailbox(mailbox: Mailbox | None, show: str) -> dict[int, set[int]]:
    if mailbox is None:
        return {}
    return {mailbox.pk: set(chosen_messages(mailbox, show).values_list("uid", flat=True))}
