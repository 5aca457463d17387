"""Walking through all mail of an account, in order, with bounded memory."""

from collections.abc import Iterator
from itertools import chain

from mail.mailformats.flags import MessageFlags
from mail.models import Account, Flag, Mailbox, Message
from mail.store.contents import read

_BATCH = 500


def mailboxes_of(account: Account) -> list[Mailbox]:
    """The mailboxes by name, the Inbox first."""
    found = Mailbox.objects.filter(account=account).order_by("name")
    return sorted(found, key=lambda mailbox: (mailbox.name.lower() != "inbox", mailbox.name))


def messages_of(mailbox: Mailbox) -> Iterator[Message]:
    """The messages by uid. What arrives meanwhile is among them."""
    last = 0
    while True:
        batch = list(Message.objects.filter(mailbox=mailbox, uid__gt=last).order_by("uid")[:_BATCH])
        if not batch:
            return
        yield from batch
        last = batch[-1].uid


def bytes_of(message: Message) -> Iterator[bytes]:
    """The message as its owner reads it. Raises mail.store.contents.ContentMissing."""
    return chain((bytes(message.prefix),), read(message.content_id))


def flags_of(message: Message) -> MessageFlags:
    """Its flags, for mail formats."""
    flags = Flag(message.flags)
    return MessageFlags(
        seen=Flag.SEEN in flags,
        answered=Flag.ANSWERED in flags,
        flagged=Flag.FLAGGED in flags,
        draft=Flag.DRAFT in flags,
        deleted=Flag.DELETED in flags,
        keywords=frozenset(message.keywords),
    )
