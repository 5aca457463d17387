"""Bringing the index up to date with the mailboxes. Nobody who stores mail has to think of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from mail.models import Message
from mail.search.index import Entry, add_entries, remove_entries
from mail.search.keys import MESSAGE_OF_KEY, search_key
from mail.search.text import searchable_words
from mail.search.threads import Relations, relations, threads_of
from mail.store.selected import places
from mail.store.write import Locks, Transaction, Write, applies
from mail.store.writer import Writer

AT_ONCE: Final = 20_000
"""How many messages are indexed before others get their turn."""

_MESSAGES: Final = 100
_WORDS: Final = 256 * 1024
_CHECKED: Final = 5000
_REMOVED: Final = 100


@dataclass(frozen=True, slots=True)
class Indexed:
    """A message ready to be indexed."""

    message_id: int
    entry: Entry
    relations: Relations


@dataclass(frozen=True, slots=True)
class IndexMessages(Write):
    """Make messages findable, put them into their conversations, and note how far the mailbox is done.

    Messages that are gone or indexed already are left out.
    """

    account_id: int
    mailbox_id: int
    last_uid: int
    messages: tuple[Indexed, ...]

    @property
    def weight(self) -> int:
        return sum(len(each.entry.words.body) for each in self.messages)


@dataclass(frozen=True, slots=True)
class ForgetEntries(Write):
    """Forget messages that are gone, given by their keys."""

    keys: tuple[int, ...]


def index_new_messages(writer: Writer) -> int:
    """Index what is not, up to a number that is done well before a job's lease ends; how many that were."""
    indexed = 0
    for mailbox in _behind():
        indexed += _index_mailbox(writer, *mailbox, AT_ONCE - indexed)
        if indexed >= AT_ONCE:
            break
    return indexed


def forget_removed_messages(writer: Writer) -> int:
    """Take out of the index what is in no mailbox any more; how many messages that were."""
    last, forgotten = -1, 0
    while True:
        keys, last = _orphans(last)
        for start in range(0, len(keys), _REMOVED):
            writer.submit(ForgetEntries(tuple(keys[start : start + _REMOVED]))).result()
        forgotten += len(keys)
        if last < 0:
            return forgotten


def waiting_messages(account: int) -> int:
    """About how many messages of the account are not indexed yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(b.next_uid - 1 - coalesce(p.uid, 0)), 0) FROM mail_mailbox b "
            "LEFT JOIN mail_searchprogress p ON p.mailbox_id = b.id "
            "WHERE b.account_id = %s AND b.messages > 0",
            [account],
        )
        return int(cursor.fetchone()[0])


def _behind() -> list[tuple[int, int, int]]:
    """Account, mailbox, and the uid up to which it is indexed, of mailboxes that have more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.account_id, b.id, coalesce(p.uid, 0) FROM mail_mailbox b "
            "LEFT JOIN mail_searchprogress p ON p.mailbox_id = b.id "
            "WHERE b.next_uid - 1 > coalesce(p.uid, 0) AND b.account_id IS NOT NULL ORDER BY b.id"
        )
        return list(cursor.fetchall())


def _index_mailbox(writer: Writer, account: int, mailbox: int, done: int, most: int) -> int:
    indexed = 0
    while indexed < most:
        rows = Message.objects.filter(mailbox_id=mailbox, uid__gt=done).select_related("content")
        messages = list(rows.order_by("uid")[:_MESSAGES])
        if not messages:
            return indexed
        done = messages[-1].uid
        for slice_ in _slices(account, messages):
            last = done if slice_ is None else slice_[-1][0]
            found = () if slice_ is None else tuple(each for _, each in slice_)
            writer.submit(IndexMessages(account, mailbox, last, found)).result()
            indexed += len(found)
    return indexed


def _slices(account: int, messages: Sequence[Message]) -> list[list[tuple[int, Indexed]] | None]:
    """The messages to index with their uids, so many together as are written at once.

    None at the end: nothing to index up to the last uid.
    """
    slices: list[list[tuple[int, Indexed]] | None] = []
    slice_: list[tuple[int, Indexed]] = []
    size = 0
    for message in messages:
        if message.thread is not None:
            continue
        each = _prepared(account, message)
        slice_.append((message.uid, each))
        size += len(each.entry.words.body)
        if size > _WORDS:
            slices.append(slice_)
            slice_, size = [], 0
    if slice_:
        slices.append(slice_)
    if messages[-1].thread is not None:
        slices.append(None)
    return slices


def _prepared(account: int, message: Message) -> Indexed:
    content = message.content
    found = relations(account, message.id, content.message_id, content.in_reply_to, content.thread_references)
    key = search_key(message.received, message.id)
    return Indexed(message.id, Entry(key, account, found.own, searchable_words(content)), found)


def _orphans(last: int) -> tuple[list[int], int]:
    """Keys of messages that are gone, among the next after `last`; and the last one looked at (-1: all)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, m.id FROM "
            f"(SELECT id FROM mail_searchentry WHERE id > %s ORDER BY id LIMIT {_CHECKED}) e "
            f"LEFT JOIN mail_message m ON m.id = {MESSAGE_OF_KEY.format('e.id')} ORDER BY e.id",
            [last],
        )
        rows = cursor.fetchall()
    gone = [key for key, message in rows if message is None]
    return gone, rows[-1][0] if len(rows) == _CHECKED else -1


def _locks(writes: Sequence[IndexMessages]) -> Locks:
    return Locks({write.account_id for write in writes})


@applies(IndexMessages, needs=_locks)
def index_messages(current: Transaction, writes: Sequence[IndexMessages]) -> list[None]:
    for write in writes:
        _index(current, write)
    return [None] * len(writes)


def _index(current: Transaction, write: IndexMessages) -> None:
    rows = [each.message_id for each in write.messages]
    if rows:
        unindexed = {
            row
            for (row,) in current.rows(
                f"SELECT id FROM mail_message WHERE thread IS NULL AND id IN ({places(len(rows))})", rows
            )
        }
        chosen = [each for each in write.messages if each.message_id in unindexed]
        threads = threads_of(current, write.account_id, [each.relations for each in chosen])
        add_entries(current, [each.entry for each in chosen])
        current.cursor.executemany(
            "UPDATE mail_message SET thread = %s WHERE id = %s",
            [(thread, each.message_id) for thread, each in zip(threads, chosen, strict=True)],
        )
    current.run(
        "INSERT INTO mail_searchprogress (mailbox_id, uid) VALUES (%s, %s) "
        "ON CONFLICT (mailbox_id) DO UPDATE SET uid = excluded.uid "
        "WHERE excluded.uid > mail_searchprogress.uid",
        [write.mailbox_id, write.last_uid],
    )


@applies(ForgetEntries)
def forget_entries(current: Transaction, writes: Sequence[ForgetEntries]) -> list[None]:
    for write in writes:
        remove_entries(current, write.keys)
    return [None] * len(writes)
