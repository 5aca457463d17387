"""Taking an import back: what nobody has touched since is hidden in one commit, and thrown away later."""

from collections.abc import Sequence
from dataclasses import dataclass

from importer.models import State
from mail import clock
from mail.store.deliver import add_events, draw_modseqs
from mail.store.mailboxes import hidden_mailbox
from mail.store.selected import uid_set
from mail.store.write import Locks, Transaction, Write, applies

UNDO = 30 * clock.DAY
"""For so long an import can be taken back."""


@dataclass(frozen=True, slots=True)
class UndoImport(Write):
    """Take back the untouched messages of a finished import. Gives (taken back, left), None if too late.

    Touched is what has other flags or keywords than the import gave it. What was moved elsewhere stays.
    """

    import_id: int
    account_id: int


@dataclass(slots=True)
class _Taken:
    messages: int = 0
    bytes: int = 0


def _locks(writes: Sequence[UndoImport]) -> Locks:
    return Locks(accounts={write.account_id for write in writes})


@applies(UndoImport, needs=_locks)
def undo_imports(current: Transaction, writes: Sequence[UndoImport]) -> list[tuple[int, int] | None]:
    return [_undo(current, write) for write in writes]


def _undo(current: Transaction, write: UndoImport) -> tuple[int, int] | None:
    changed = current.rows(
        "UPDATE importer_import SET state = %s WHERE id = %s AND account_id = %s AND state = %s "
        "AND finished > %s RETURNING messages",
        [State.UNDONE.value, write.import_id, write.account_id, State.DONE.value, clock.now() - UNDO],
    )
    if not changed:
        return None
    modseq = draw_modseqs(current, write.account_id, 1)
    taken = _Taken()
    for target, mailbox, first, last, created, name in current.rows(
        "SELECT t.id, t.mailbox_id, t.first_uid, t.last_uid, t.created, t.name FROM importer_target t "
        "JOIN mail_mailbox b ON b.id = t.mailbox_id "
        "WHERE t.owner_id = %s AND b.account_id = %s ORDER BY t.mailbox_id",
        [write.import_id, write.account_id],
    ):
        if created and _hide_whole(current, mailbox, last, taken):
            data: dict[str, object] = {"mailbox": mailbox, "change": "deleted"}
            add_events(current, [(write.account_id, modseq, "mailbox", data)])
            continue
        hidden, uids = _hide_messages(current, mailbox, (first, last), name, modseq, taken)
        current.run("UPDATE importer_target SET mailbox_id = %s WHERE id = %s", [hidden, target])
        if uids:
            data = {"mailbox": mailbox, "uids": uids}
            add_events(current, [(write.account_id, modseq, "removed", data)])
    current.run(
        "UPDATE mail_account_counters SET bytes = bytes - %s WHERE account_id = %s",
        [taken.bytes, write.account_id],
    )
    return taken.messages, int(changed[0][0]) - taken.messages


def _hide_whole(current: Transaction, mailbox: int, last: int, taken: _Taken) -> bool:
    """Hide the mailbox by a change of its row, if it holds nothing but untouched messages of the import."""
    others = current.rows(
        "SELECT 1 FROM mail_message WHERE mailbox_id = %s AND (uid > %s OR modseq <> created_modseq) LIMIT 1",
        [mailbox, last],
    )
    if others:
        return False
    rows = current.rows(
        "UPDATE mail_mailbox SET account_id = NULL WHERE id = %s RETURNING messages, bytes", [mailbox]
    )
    taken.messages += int(rows[0][0])
    taken.bytes += int(rows[0][1])
    return True


def _hide_messages(
    current: Transaction, mailbox: int, uids: tuple[int, int], name: str, modseq: int, taken: _Taken
) -> tuple[int, str]:
    """The hidden mailbox they are in now, and their uids."""
    first, last = uids
    untouched = "mailbox_id = %s AND uid BETWEEN %s AND %s AND modseq = created_modseq"
    ((count, unseen, size),) = current.rows(
        f"SELECT count(*), coalesce(sum(1 - flags %% 2), 0), coalesce(sum(size), 0) FROM mail_message "
        f"WHERE {untouched}",
        [mailbox, first, last],
    )
    hidden = hidden_mailbox(current, name)
    if not count:
        return hidden, ""
    found = current.rows(
        f"SELECT uid FROM mail_message WHERE {untouched} ORDER BY uid", [mailbox, first, last]
    )
    current.run(
        f"INSERT INTO mail_tombstone (mailbox_id, uid, modseq) SELECT mailbox_id, uid, %s FROM mail_message "
        f"WHERE {untouched}",
        [modseq, mailbox, first, last],
    )
    current.run(f"UPDATE mail_message SET mailbox_id = %s WHERE {untouched}", [hidden, mailbox, first, last])
    counts = [int(count), int(unseen), int(size)]
    current.run(
        "UPDATE mail_mailbox SET messages = messages - %s, unseen = unseen - %s, bytes = bytes - %s, "
        "modseq = %s WHERE id = %s",
        [*counts, modseq, mailbox],
    )
    current.run(
        "UPDATE mail_mailbox SET messages = %s, unseen = %s, bytes = %s, next_uid = %s WHERE id = %s",
        [*counts, last + 1, hidden],
    )
    taken.messages += int(count)
    taken.bytes += int(size)
    return hidden, uid_set(uid for (uid,) in found)
