"""Messages as lines of a list."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from mail.models import Flag, Mailbox, Message, SpecialUse

_SHOWN = (
    "id",
    "uid",
    "mailbox__name",
    "mailbox__special_use",
    "size",
    "received",
    "flags",
    "keywords",
    "thread",
    "envelope_sender",
    "content__subject",
    "content__from_name",
    "content__from_address",
    "content__to_text",
)
_UNSHOWN_KEYWORDS = frozenset({"$forwarded", "$mdnsent", "nonjunk", "$notjunk", "notjunk", "$junk", "junk"})


@dataclass(slots=True)
class Line:
    """A message in the list; in a list of conversations the newest of one, with how many there are."""

    message: Message
    count: int = 0

    @property
    def outgoing(self) -> bool:
        """Shown with its recipients, because the sender is the reader."""
        return is_outgoing(self.message.mailbox)

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
    def keywords(self) -> list[str]:
        """Keywords that say something to people."""
        return [word for word in self.message.keywords if word.lower() not in _UNSHOWN_KEYWORDS]

    @property
    def person(self) -> str:
        """The other side: whom it is from, or whom it went to."""
        content = self.message.content
        if self.outgoing:
            return content.to_text or "nobody"
        return content.from_name or content.from_address or self.message.envelope_sender or "nobody"

    @property
    def reference(self) -> str:
        """How forms name it: mailbox and uid, after a t when the whole conversation is meant."""
        return f"{'t' if self.count > 1 else ''}{self.message.mailbox_id}.{self.message.uid}"

    @property
    def single(self) -> str:
        """How forms name this one message alone."""
        return f"{self.message.mailbox_id}.{self.message.uid}"


def is_outgoing(current: Mailbox) -> bool:
    """Whether what is in the mailbox was written by its owner."""
    return current.special_use in (SpecialUse.SENT, SpecialUse.DRAFTS)


def shown_columns(rows: QuerySet[Message]) -> QuerySet[Message]:
    """With what a line needs, and nothing that is large."""
    return rows.select_related("content", "mailbox").only(*_SHOWN)


def lines_of(messages: Iterable[Message]) -> list[Line]:
    """A line for each message."""
    return [Line(message) for message in messages]


def count_conversations(lines: list[Line]) -> None:
    """Note with each line how many messages of its mailbox belong to its conversation."""
    threads = {line.message.thread: line for line in lines if line.message.thread is not None}
    if not threads:
        return
    mailbox = lines[0].message.mailbox_id
    counted = Message.objects.filter(mailbox_id=mailbox, thread__in=list(threads)).values_list("thread")
    for thread, count in counted.annotate(count=Count("id")).order_by():
        threads[thread].count = count
