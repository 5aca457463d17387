"""Changing flags, and removing messages."""

from collections.abc import Sequence
from dataclasses import dataclass

from mail import clock
from mail.models import Flag
from mail.store.deliver import add_events, draw_modseqs
from mail.store.write import Locks, Transaction, Write, applies

_NONE = Flag(0)


@dataclass(frozen=True, slots=True)
class SetFlags(Write):
    """Add and remove system flags of messages. Gives the uids whose flags changed."""

    account_id: int
    mailbox_id: int
    uids: tuple[int, ...]
    add: Flag = _NONE
    remove: Flag = _NONE


@dataclass(frozen=True, slots=True)
class RemoveMessages(Write):
    """Remove messages from a mailbox for good. Gives the uids that were there."""

    account_id: int
    mailbox_id: int
    uids: tuple[int, ...]


def _locks(writes: Sequence[SetFlags | RemoveMessages]) -> Locks:
    return Locks({write.account_id for write in writes}, {write.mailbox_id for write in writes})


@applies(SetFlags, needs=_locks)
def set_flags(current: Transaction, writes: Sequence[SetFlags]) -> list[list[int]]:
    return [_set_flags(current, write) for write in writes]


def _set_flags(current: Transaction, write: SetFlags) -> list[int]:
    changed = []
    for row, uid, old in _present(current, write, "id, uid, flags"):
        new = int((old | write.add) & ~write.remove)
        if new != old:
            changed.append((row, uid, old, new))
    if not changed:
        return []
    modseq = draw_modseqs(current, write.account_id, len(changed))
    unseen = 0
    events = []
    for number, (row, uid, old, new) in enumerate(changed):
        current.run(
            "UPDATE mail_message SET flags = %s, modseq = %s WHERE id = %s", [new, modseq + number, row]
        )
        unseen += (old & Flag.SEEN) - (new & Flag.SEEN)
        data: dict[str, object] = {"mailbox": write.mailbox_id, "uid": uid, "flags": new}
        events.append((write.account_id, modseq + number, "flags", data))
    current.run(
        "UPDATE mail_mailbox SET unseen = unseen + %s, modseq = %s WHERE id = %s",
        [unseen, modseq + len(changed) - 1, write.mailbox_id],
    )
    add_events(current, events)
    return [uid for _, uid, _, _ in changed]


@applies(RemoveMessages, needs=_locks)
def remove_messages(current: Transaction, writes: Sequence[RemoveMessages]) -> list[list[int]]:
    return [_remove(current, write) for write in writes]


def _remove(current: Transaction, write: RemoveMessages) -> list[int]:
    found = _present(current, write, "id, uid, flags, size, content_id")
    if not found:
        return []
    size = sum(row[3] for row in found)
    unseen = sum(not row[2] & Flag.SEEN for row in found)
    modseq = draw_modseqs(current, write.account_id, len(found), -size)
    moment = clock.now()
    events = []
    for number, (row, uid, _, _, content) in enumerate(found):
        current.run("DELETE FROM mail_message WHERE id = %s", [row])
        current.run(
            "UPDATE mail_content SET doubtful = %s, touched = %s WHERE id = %s", [True, moment, content]
        )
        data: dict[str, object] = {"mailbox": write.mailbox_id, "uid": uid}
        events.append((write.account_id, modseq + number, "removed", data))
    current.insert(
        "mail_tombstone",
        "mailbox_id, uid, modseq",
        [(write.mailbox_id, row[1], modseq + number) for number, row in enumerate(found)],
    )
    current.run(
        "UPDATE mail_mailbox SET messages = messages - %s, unseen = unseen - %s, bytes = bytes - %s, "
        "modseq = %s WHERE id = %s",
        [len(found), unseen, size, modseq + len(found) - 1, write.mailbox_id],
    )
    add_events(current, events)
    return [row[1] for row in found]


def _present(
    current: Transaction, write: SetFlags | RemoveMessages, columns: str
) -> list[tuple[int, ...]]:  # fmt: skip
    if not write.uids:
        return []
    places = ", ".join(["%s"] * len(write.uids))
    return current.rows(
        f"SELECT {columns} FROM mail_message WHERE mailbox_id = %s AND uid IN ({places}) ORDER BY uid",
        [write.mailbox_id, *write.uids],
    )
