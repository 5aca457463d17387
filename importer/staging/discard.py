"""Throwing away what is hidden for good: staged by an import that was aborted, or taken back."""

from collections.abc import Sequence
from dataclasses import dataclass

from importer.models import State
from mail.models import Flag
from mail.store.sweep import sweep
from mail.store.write import Transaction, Write, applies
from mail.store.writer import Writer

_MESSAGES = 300


@dataclass(frozen=True, slots=True)
class DiscardSlice(Write):
    """Remove some messages of hidden mailboxes that no import works on. Gives whether there is more."""


def discard(writer: Writer) -> None:
    """Remove all that is hidden for good, and its content. The writer serves others between the slices."""
    if not writer.submit(DiscardSlice()).result():
        return
    while writer.submit(DiscardSlice()).result():
        pass
    sweep(writer)


@applies(DiscardSlice)
def discard_slice(current: Transaction, writes: Sequence[DiscardSlice]) -> list[bool]:
    found = current.rows(
        "SELECT b.id FROM mail_mailbox b WHERE b.account_id IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM importer_target t JOIN importer_import i ON i.id = t.owner_id "
        "WHERE t.mailbox_id = b.id AND i.state = %s) ORDER BY b.id LIMIT 1",
        [State.RUNNING.value],
    )
    if not found:
        return [False] * len(writes)
    mailbox = int(found[0][0])
    if not _remove_messages(current, mailbox):
        for table in ("mail_tombstone", "importer_target"):
            current.run(f"DELETE FROM {table} WHERE mailbox_id = %s", [mailbox])
        current.run("DELETE FROM mail_mailbox WHERE id = %s", [mailbox])
    return [True] * len(writes)


def _remove_messages(current: Transaction, mailbox: int) -> int:
    rows = current.rows(
        "SELECT id, content_id, size, flags FROM mail_message WHERE mailbox_id = %s ORDER BY uid LIMIT %s",
        [mailbox, _MESSAGES],
    )
    if not rows:
        return 0
    places = ", ".join(["%s"] * len(rows))
    current.run(f"DELETE FROM mail_message WHERE id IN ({places})", [row[0] for row in rows])
    # Long enough ago that the sweeper needs not wait: nobody is about to refer to it.
    current.run(
        f"UPDATE mail_content SET doubtful = %s, touched = 0 WHERE id IN ({places})",
        [True, *(row[1] for row in rows)],
    )
    unseen = sum(not row[3] & Flag.SEEN for row in rows)
    current.run(
        "UPDATE mail_mailbox SET messages = messages - %s, unseen = unseen - %s, bytes = bytes - %s "
        "WHERE id = %s",
        [len(rows), unseen, sum(row[2] for row in rows), mailbox],
    )
    return len(rows)
