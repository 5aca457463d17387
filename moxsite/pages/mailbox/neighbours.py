"""What stands around a message: in its list, in the results of a search, in its conversation."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from mail.models import Account, Mailbox, Message
from mail.search.finding import Search
from mail.search.keys import message_of, search_key
from mail.search.query import parse_query
from moxsite.pages.mailbox.lines import Line, lines_of, shown_columns

CONVERSATION_SHOWN: Final = 100
"""Messages of a conversation that are listed: the newest."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Addresses of the list that the reader came from, and of the messages beside this one in it."""

    back: str
    back_label: str
    newer: str | None
    older: str | None


def in_mailbox(mailbox: Mailbox, message: Message) -> Neighbours:
    """In the order of the mailbox's list."""
    rows = Message.objects.filter(mailbox=mailbox)
    received, uid = message.received, message.uid
    newer = rows.filter(Q(received__gt=received) | Q(received=received, uid__gt=uid), received__gte=received)
    older = rows.filter(Q(received__lt=received) | Q(received=received, uid__lt=uid), received__lte=received)
    return Neighbours(
        reverse("mail-mailbox", args=[mailbox.pk]),
        mailbox.name,
        _address(mailbox.pk, newer.order_by("received", "uid").values_list("uid", flat=True).first()),
        _address(mailbox.pk, older.order_by("-received", "-uid").values_list("uid", flat=True).first()),
    )


def in_results(account: Account, text: str, message: Message) -> Neighbours:
    """In the results of a search."""
    search = Search(account, parse_query(text))
    key = search_key(message.received, message.pk)
    query = "?" + urlencode({"q": text})
    return Neighbours(
        reverse("mail-search") + query,
        "Search",
        _result(search.oldest(1, after=key), query),
        _result(search.newest(1, before=key), query),
    )


def conversation(account: Account, message: Message) -> list[Line]:
    """The messages of the conversation in all mailboxes, oldest first; none when there is but this one."""
    if message.thread is None:
        return []
    rows = Message.objects.filter(thread=message.thread, mailbox__account=account)
    newest = list(shown_columns(rows).order_by("-received", "-id")[:CONVERSATION_SHOWN])
    return lines_of(reversed(newest)) if len(newest) > 1 else []


def _address(mailbox: int, uid: int | None, query: str = "") -> str | None:
    return None if uid is None else reverse("mail-message", args=[mailbox, uid]) + query


def _result(keys: list[int], query: str) -> str | None:
    found = Message.objects.filter(pk=message_of(keys[0])).first() if keys else None
    return _address(found.mailbox_id, found.uid, query) if found else None
