"""Moving messages to another mailbox of the account."""

from collections.abc import Sequence
from dataclasses import dataclass

from mail.models import Flag
from mail.store.deliver import add_events, draw_modseqs
from mail.store.flags import bury, take_away
from mail.store.mailbox_changes import MailboxRefused
from mail.store.selected import present, uid_set
from mail.store.write import Locks, Transaction, Write, applies


@dataclass(frozen=True, slots=True)
class MoveMessages(Write):
    """Move messages to the mailbox `target` (RFC 6851). Gives (old uid, new uid) of those that were there.

    A moved message keeps its flags, keywords and moment of arrival. Raises MailboxRefused when the account
    has no such target.
    """

    account_id: int
    mailbox_id: int
    uids: tuple[int, ...]
    target_id: int


def _locks(writes: Sequence[MoveMessages]) -> Locks:
    mailboxes = {mailbox for write in writes for mailbox in (write.mailbox_id, write.target_id)}
    return Locks({write.account_id for write in writes}, mailboxes)


@applies(MoveMessages, needs=_locks)
def move_messages(
    current: Transaction, writes: Sequence[MoveMessages]
) -> list[list[tuple[int, int]] | Exception]:
    return [_move(current, write) for write in writes]


def _move(current: Transaction, write: MoveMessages) -> list[tuple[int, int]] | Exception:
    if not current.rows(
        "SELECT 1 FROM mail_mailbox WHERE id = %s AND account_id = %s", [write.target_id, write.account_id]
    ):
        return MailboxRefused("The mailbox to move to is not there any more. Choose another.")
    if write.target_id == write.mailbox_id:
        return []
    found = present(current, write, "id, uid, flags, size")
    if not found:
        return []
    modseq = draw_modseqs(current, write.account_id, 1)
    unseen, size = sum(not row[2] & Flag.SEEN for row in found), sum(row[3] for row in found)
    ((next_uid,),) = current.rows(
        "UPDATE mail_mailbox SET next_uid = next_uid + %s, messages = messages + %s, unseen = unseen + %s, "
        "bytes = bytes + %s, modseq = %s WHERE id = %s RETURNING next_uid",
        [len(found), len(found), unseen, size, modseq, write.target_id],
    )
    first = next_uid - len(found)
    moved = [(row[1], first + number) for number, row in enumerate(found)]
    current.cursor.executemany(
        "UPDATE mail_message SET mailbox_id = %s, uid = %s, modseq = %s, created_modseq = %s WHERE id = %s",
        [(write.target_id, new, modseq, modseq, row[0]) for row, (_, new) in zip(found, moved, strict=True)],
    )
    old_uids = [old for old, _ in moved]
    bury(current, write.mailbox_id, old_uids, modseq)
    take_away(current, write.mailbox_id, len(found), unseen, size, modseq)
    removed: dict[str, object] = {"mailbox": write.mailbox_id, "uids": uid_set(old_uids)}
    new: dict[str, object] = {"mailbox": write.target_id, "uids": uid_set(new for _, new in moved)}
    events = [(write.account_id, modseq, "removed", removed), (write.account_id, modseq, "new", new)]
    add_events(current, events)
    return moved
