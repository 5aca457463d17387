"""Bringing the index up to date with the mailboxes. Nobody who stores mail has to think of it."""

from collections.abc import Iterator, Sequence
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

WAITING_COUNTED: Final = 10_000

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


@dataclass(frozen=True, slots=True)
class ForgetMailboxes(Write):
    """Forget how far mailboxes were indexed that are gone."""


def index_new_messages(writer: Writer) -> int:
    """Index what is not, up to a number that is done well before a job's lease ends; how many that were."""
    indexed = 0
    for mailbox in _behind():
        indexed += _index_mailbox(writer, mailbox, AT_ONCE - indexed)
        if indexed >= AT_ONCE:
            break
    return indexed


def forget_removed_messages(writer: Writer) -> int:
    """Take out of the index what is in no mailbox any more; how many messages that were."""
    writer.submit(ForgetMailboxes()).result()
    last, forgotten = -1, 0
    while True:
        keys, last = _orphans(last)
        for start in range(0, len(keys), _REMOVED):
            writer.submit(ForgetEntries(tuple(keys[start : start + _REMOVED]))).result()
        forgotten += len(keys)
        if last < 0:
            return forgotten


def waiting_messages(account: int) -> int:
    """How many messages of the account are not indexed yet, up to WAITING_COUNTED."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM mail_mailbox b "
            "LEFT JOIN mail_searchprogress p ON p.mailbox_id = b.id "
            "JOIN mail_message m ON m.mailbox_id = b.id AND m.uid > coalesce(p.uid, 0) "
            f"WHERE b.account_id = %s AND m.thread IS NULL LIMIT {WAITING_COUNTED}) waiting",
            [account],
        )
        return int(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class _Behind:
    """A mailbox that is indexed up to the uid `done` and has given uids up to `last`."""

    account: int
    mailbox: int
    done: int
    last: int


def _behind() -> list[_Behind]:
    """Mailboxes that may have more than is indexed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.account_id, b.id, coalesce(p.uid, 0), b.next_uid - 1 FROM mail_mailbox b "
            "LEFT JOIN mail_searchprogress p ON p.mailbox_id = b.id "
            "WHERE b.next_uid - 1 > coalesce(p.uid, 0) AND b.account_id IS NOT NULL ORDER BY b.id"
        )
        return [_Behind(*row) for row in cursor.fetchall()]


def _index_mailbox(writer: Writer, box: _Behind, most: int) -> int:
    indexed, done = 0, box.done
    while indexed < most and done < box.last:
        rows = Message.objects.filter(mailbox_id=box.mailbox, uid__gt=done, uid__lte=box.last)
        messages = list(rows.select_related("content").order_by("uid")[:_MESSAGES])
        done = messages[-1].uid if len(messages) == _MESSAGES else box.last
        for slice_ in _slices(box.account, messages):
            found = tuple(each for _, each in slice_)
            writer.submit(IndexMessages(box.account, box.mailbox, slice_[-1][0], found)).result()
            indexed += len(found)
        writer.submit(IndexMessages(box.account, box.mailbox, done, ())).result()
    return indexed


def _slices(account: int, messages: Sequence[Message]) -> Iterator[list[tuple[int, Indexed]]]:
    """The messages that are not indexed, with their uids: so many together as are written at once."""
    slice_: list[tuple[int, Indexed]] = []
    size = 0
    for message in messages:
        if message.thread is not None:  # it was moved here
            continue
        each = _prepared(account, message)
        slice_.append((message.uid, each))
        size += len(each.entry.words.body)
        if size > _WORDS:
            yield slice_
            slice_, size = [], 0
    if slice_:
        yield slice_


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


@applies(IndexMessages)
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
        remove_entries(current, [each.entry.key for each in chosen])  # there, if the index is made anew
        add_entries(current, [each.entry for each in chosen])
        # Only now: PostgreSQL may take a second for the words, and mail for the account must not wait.
        current.lock(Locks({write.account_id}))
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


@applies(ForgetMailboxes)
def forget_mailboxes(current: Transaction, writes: Sequence[ForgetMailboxes]) -> list[None]:
    current.run(
        "DELETE FROM mail_searchprogress WHERE NOT EXISTS "
        "(SELECT 1 FROM mail_mailbox b WHERE b.id = mail_searchprogress.mailbox_id)"
    )
    return [None] * len(writes)
