"""Walking through all mail of an account, in order, with bounded memory."""

import logging
from collections.abc import Iterator, Sequence

from mail.mailformats.flags import MessageFlags
from mail.models import Account, Flag, Mailbox, Message
from mail.store.contents import ContentMissing, read

log = logging.getLogger(__name__)

_BATCH = 500


def mailboxes_of(account: Account) -> list[Mailbox]:
    """The mailboxes by name, the Inbox first."""
    found = Mailbox.objects.filter(account=account).order_by("name")
    return sorted(found, key=lambda mailbox: (mailbox.name.lower() != "inbox", mailbox.name))


def messages_of(mailbox: Mailbox, uids: Sequence[int] | None = None) -> Iterator[Message]:
    """The messages by uid, or those with these ascending uids. Without uids also what arrives meanwhile."""
    if uids is not None:
        for start in range(0, len(uids), _BATCH):
            chosen = uids[start : start + _BATCH]
            yield from Message.objects.filter(mailbox=mailbox, uid__in=chosen).order_by("uid")
        return
    last = 0
    while True:
        batch = list(Message.objects.filter(mailbox=mailbox, uid__gt=last).order_by("uid")[:_BATCH])
        if not batch:
            return
        yield from batch
        last = batch[-1].uid


def bytes_of(message: Message) -> Iterator[bytes]:
    """The message as its owner reads it. One that is damaged ends early, which is logged."""
    yield bytes(message.prefix)
    try:
        yield from read(message.content_id)
    except ContentMissing as error:
        fields = {"message": message.pk, "reason": str(error)}
        log.error("a message was exported without its content", extra={"fields": fields})


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
