"""Changing flags and keywords, and removing messages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from mail import clock
from mail.models import Flag
from mail.store.deliver import add_events, draw_modseqs
from mail.store.json_value import json_value
from mail.store.selected import locks, places, present, uid_set
from mail.store.write import Transaction, Write, applies

_NONE = Flag(0)


@dataclass(frozen=True, slots=True)
class SetFlags(Write):
    """Add and remove system flags and keywords of messages. Gives the uids of those that changed.

    All of them get one modification sequence number (RFC 7162 section 3.1). Keywords must be valid
    (mail.configuration.rules.keywords); one that is there in another spelling counts as there.
    """

    account_id: int
    mailbox_id: int
    uids: tuple[int, ...]
    add: Flag = _NONE
    remove: Flag = _NONE
    add_keywords: tuple[str, ...] = ()
    remove_keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoveMessages(Write):
    """Remove messages from a mailbox for good. Gives the uids that were there."""

    account_id: int
    mailbox_id: int
    uids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Changed:
    row: int
    uid: int
    old: int
    new: int
    keywords: list[str] | None


@applies(SetFlags, needs=locks)
def set_flags(current: Transaction, writes: Sequence[SetFlags]) -> list[list[int]]:
    return [_set_flags(current, write) for write in writes]


def _set_flags(current: Transaction, write: SetFlags) -> list[int]:
    changed = _changed(current, write)
    if not changed:
        return []
    modseq = draw_modseqs(current, write.account_id, 1)
    current.run(
        "UPDATE mail_message SET flags = (flags | %s) & ~%s, modseq = %s "
        f"WHERE id IN ({places(len(changed))})",
        [int(write.add), int(write.remove), modseq, *(each.row for each in changed)],
    )
    relabelled = [(json.dumps(each.keywords), each.row) for each in changed if each.keywords is not None]
    if relabelled:
        current.cursor.executemany("UPDATE mail_message SET keywords = %s WHERE id = %s", relabelled)
    unseen = sum((each.old & Flag.SEEN) - (each.new & Flag.SEEN) for each in changed)
    current.run(
        "UPDATE mail_mailbox SET unseen = unseen + %s, modseq = %s WHERE id = %s",
        [unseen, modseq, write.mailbox_id],
    )
    uids = [each.uid for each in changed]
    data: dict[str, object] = {"mailbox": write.mailbox_id, "uids": uid_set(uids)}
    add_events(current, [(write.account_id, modseq, "flags", data)])
    return uids


def _changed(current: Transaction, write: SetFlags) -> list[_Changed]:
    changes_keywords = bool(write.add_keywords or write.remove_keywords)
    changed = []
    columns = "id, uid, flags, keywords" if changes_keywords else "id, uid, flags"
    for row, uid, old, *stored in present(current, write, columns):
        new = int((old | write.add) & ~write.remove)
        keywords = _new_keywords(stored[0], write) if changes_keywords else None
        if new != old or keywords is not None:
            changed.append(_Changed(row, uid, old, new, keywords))
    return changed


def _new_keywords(stored: object, write: SetFlags) -> list[str] | None:
    """The keywords after the change, or None when it changes none."""
    old: list[str] = json_value(stored) or []
    gone = {keyword.lower() for keyword in write.remove_keywords}
    new = [keyword for keyword in old if keyword.lower() not in gone]
    for keyword in write.add_keywords:
        if keyword.lower() not in {known.lower() for known in new}:
            new.append(keyword)
    return None if new == old else new


@applies(RemoveMessages, needs=locks)
def remove_messages(current: Transaction, writes: Sequence[RemoveMessages]) -> list[list[int]]:
    return [_remove(current, write) for write in writes]


def _remove(current: Transaction, write: RemoveMessages) -> list[int]:
    found = present(current, write, "id, uid, flags, size, content_id")
    if not found:
        return []
    size = sum(row[3] for row in found)
    uids = [row[1] for row in found]
    modseq = draw_modseqs(current, write.account_id, 1, -size)
    current.run(f"DELETE FROM mail_message WHERE id IN ({places(len(found))})", [row[0] for row in found])
    current.run(
        f"UPDATE mail_content SET doubtful = %s, touched = %s WHERE id IN ({places(len(found))})",
        [True, clock.now(), *(row[4] for row in found)],
    )
    bury(current, write.mailbox_id, uids, modseq)
    unseen = sum(not row[2] & Flag.SEEN for row in found)
    take_away(current, write.mailbox_id, len(found), unseen, size, modseq)
    data: dict[str, object] = {"mailbox": write.mailbox_id, "uids": uid_set(uids)}
    add_events(current, [(write.account_id, modseq, "removed", data)])
    return uids


def bury(current: Transaction, mailbox: int, uids: Sequence[int], modseq: int) -> None:
    """Leave a tombstone for each message that is in the mailbox no longer."""
    current.insert("mail_tombstone", "mailbox_id, uid, modseq", [(mailbox, uid, modseq) for uid in uids])


def take_away(
    current: Transaction, mailbox: int, messages: int, unseen: int, size: int, modseq: int
) -> None:  # fmt: skip
    """Count messages out of a mailbox."""
    current.run(
        "UPDATE mail_mailbox SET messages = messages - %s, unseen = unseen - %s, bytes = bytes - %s, "
        "modseq = %s WHERE id = %s",
        [messages, unseen, size, modseq, mailbox],
    )
