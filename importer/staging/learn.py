"""Flags of staged messages that the source told only later."""

import json
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from importer.models import State
from importer.staging.lease import LeaseLost
from mail.models import Flag
from mail.store.write import Transaction, Write, applies


@dataclass(frozen=True, slots=True)
class Learned:
    """All flags and keywords of the message that came with this ordinal."""

    ordinal: int
    flags: int
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LearnFlags(Write):
    """Give staged messages these flags; those that were left out are passed over. Raises LeaseLost."""

    import_id: int
    token: int
    learned: tuple[Learned, ...]


@applies(LearnFlags)
def learn_flags(current: Transaction, writes: Sequence[LearnFlags]) -> list[LeaseLost | None]:
    return [_learn(current, write) for write in writes]


def _learn(current: Transaction, write: LearnFlags) -> LeaseLost | None:
    owned = current.rows(
        "SELECT 1 FROM importer_import WHERE id = %s AND lease_token = %s AND state = %s",
        [write.import_id, write.token, State.RUNNING.value],
    )
    if not owned:
        return LeaseLost()
    for each in write.learned:
        message = _message(current, write.import_id, each.ordinal)
        if message:
            _set(current, message, each)
    return None


def _message(current: Transaction, import_id: int, ordinal: int) -> int | None:
    rows = current.rows(
        "SELECT first_message, ordinals FROM importer_staged_batch "
        "WHERE owner_id = %s AND last_ordinal >= %s ORDER BY last_ordinal LIMIT 1",
        [import_id, ordinal],
    )
    if not rows:
        return None
    ordinals = array("q", bytes(rows[0][1]))
    return int(rows[0][0]) + ordinals.index(ordinal) if ordinal in ordinals else None


def _set(current: Transaction, message: int, learned: Learned) -> None:
    found = current.rows("SELECT mailbox_id, flags FROM mail_message WHERE id = %s", [message])
    if not found:
        return
    mailbox, old = found[0]
    current.run(
        "UPDATE mail_message SET flags = %s, keywords = %s WHERE id = %s",
        [learned.flags, json.dumps(list(learned.keywords)), message],
    )
    change = (old & Flag.SEEN) - (learned.flags & Flag.SEEN)
    if change:
        current.run("UPDATE mail_mailbox SET unseen = unseen + %s WHERE id = %s", [change, mailbox])
