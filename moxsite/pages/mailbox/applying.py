"""Doing something to messages: in slices, so that other mail keeps flowing however many there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from mail.models import Account, Flag, Mailbox, SpecialUse
from mail.store.flags import RemoveMessages, SetFlags
from mail.store.mailbox_changes import CreateMailbox
from mail.store.mailboxes import INITIAL
from mail.store.moving import MoveMessages
from mail.store.selected import SLICE
from mail.store.write import Write
from mail.store.writer import writer

WRITE_SECONDS: Final = 60.0


class Action(StrEnum):
    """What people do to messages."""

    READ = "read"
    UNREAD = "unread"
    STAR = "star"
    UNSTAR = "unstar"
    ARCHIVE = "archive"
    JUNK = "junk"
    INBOX = "inbox"
    DELETE = "delete"
    MOVE = "move"
    TAG = "tag"
    UNTAG = "untag"


_FLAGS: Final = {
    Action.READ: (Flag.SEEN, Flag(0)),
    Action.UNREAD: (Flag(0), Flag.SEEN),
    Action.STAR: (Flag.FLAGGED, Flag(0)),
    Action.UNSTAR: (Flag(0), Flag.FLAGGED),
}
USES: Final = {
    Action.ARCHIVE: SpecialUse.ARCHIVE,
    Action.JUNK: SpecialUse.JUNK,
    Action.INBOX: SpecialUse.INBOX,
    Action.DELETE: SpecialUse.TRASH,
}
"""Which mailbox an action moves to."""

_NAMES: Final = {use: name for name, use in INITIAL}

Messages = Mapping[Mailbox, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: where to, for a move, and which keyword, for a tag."""

    action: Action
    target: Mailbox | None = None
    keyword: str = ""


def count_of(messages: Messages) -> int:
    """How many messages that are."""
    return sum(map(len, messages.values()))


def removed_for_good(order: Order, messages: Messages) -> int:
    """How many of the messages would be gone: those that are deleted from the Trash."""
    if order.action is not Action.DELETE:
        return 0
    return sum(len(uids) for mailbox, uids in messages.items() if mailbox.special_use == SpecialUse.TRASH)


def carry_out(account: Account, order: Order, messages: Messages) -> int:
    """Do it; how many messages it was done to, not counting those that were so already.

    Raises MailboxRefused when a mailbox has gone, and what the writer raises. What was done before stays.
    """
    done = 0
    for mailbox, uids in messages.items():
        for slice_ in _slices(uids):
            done += len(write(_write(account, order, mailbox, slice_)))
    return done


def write(value: Write) -> Any:
    """The result of a write, once it is on disk."""
    return writer().submit(value).result(timeout=WRITE_SECONDS)


def special_mailbox(account: Account, use: SpecialUse) -> Mailbox:
    """The account's mailbox for this use. Where there is none, one of the usual name is taken or made."""
    found = account.mailboxes.filter(special_use=use).first()
    if found is None:
        name = _NAMES[use]
        found = account.mailboxes.filter(name=name).first()
    if found is None:
        found = Mailbox.objects.get(pk=write(CreateMailbox(account.pk, name, use.value)))
    return found


def _write(account: Account, order: Order, mailbox: Mailbox, uids: tuple[int, ...]) -> Write:
    if order.action in _FLAGS:
        add, remove = _FLAGS[order.action]
        return SetFlags(account.pk, mailbox.pk, uids, add, remove)
    if order.action is Action.TAG:
        return SetFlags(account.pk, mailbox.pk, uids, add_keywords=(order.keyword,))
    if order.action is Action.UNTAG:
        return SetFlags(account.pk, mailbox.pk, uids, remove_keywords=(order.keyword,))
    if order.action is Action.DELETE and mailbox.special_use == SpecialUse.TRASH:
        return RemoveMessages(account.pk, mailbox.pk, uids)
    target = order.target or special_mailbox(account, USES[order.action])
    return MoveMessages(account.pk, mailbox.pk, uids, target.pk)


def _slices(uids: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(uids), SLICE):
        yield tuple(uids[start : start + SLICE])
