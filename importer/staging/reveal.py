"""The one commit after which everybody sees what an import has brought.

A mailbox that was not there before appears by a change of its own row, whatever it holds. For one that is
there, its messages get uids and change their mailbox.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from importer.models import State
from importer.staging.events import DONE, News, add_news
from importer.staging.lease import LeaseLost
from importer.staging.stage import OverQuota, quota_refusal
from mail import clock
from mail.configuration.rules.mailboxes import LEVELS
from mail.models import Flag
from mail.store.deliver import add_events, draw_modseqs
from mail.store.json_value import json_value
from mail.store.mailboxes import draw_uidvalidity, hidden_mailbox
from mail.store.selected import uid_set
from mail.store.write import Locks, Transaction, Write, applies


@dataclass(frozen=True, slots=True)
class RevealImport(Write):
    """Show the account all that is staged. Raises LeaseLost or OverQuota."""

    import_id: int
    account_id: int
    token: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the messages of a hidden mailbox came to be."""

    mailbox: int
    first_uid: int
    last_uid: int
    created: bool


def _locks(writes: Sequence[RevealImport]) -> Locks:
    return Locks(accounts={write.account_id for write in writes})


@applies(RevealImport, needs=_locks)
def reveal_imports(current: Transaction, writes: Sequence[RevealImport]) -> list[Exception | None]:
    return [_reveal(current, write) for write in writes]


def _reveal(current: Transaction, write: RevealImport) -> Exception | None:
    found = current.rows(
        "SELECT messages, skipped, merged, problems, bytes FROM importer_import "
        "WHERE id = %s AND lease_token = %s AND state = %s",
        [write.import_id, write.token, State.RUNNING.value],
    )
    if not found:
        return LeaseLost()
    messages, skipped, merged, problems, size = found[0]
    if refusal := _over_quota(current, write.account_id, int(size)):
        return refusal
    modseq = draw_modseqs(current, write.account_id, 1, int(size))
    _merge_flags(current, write, modseq)
    _reveal_mailboxes(current, write, modseq)
    moment = clock.now()
    for table in ("importer_staged_batch", "importer_merge"):
        current.run(f"DELETE FROM {table} WHERE owner_id = %s", [write.import_id])
    current.run(
        "UPDATE importer_import SET state = %s, finished = %s, lease_until = 0 WHERE id = %s",
        [State.DONE.value, moment, write.import_id],
    )
    data = {"messages": messages, "skipped": skipped, "merged": merged, "problems": problems}
    add_news(current, write.import_id, [News(DONE, data)])
    return None


def _over_quota(current: Transaction, account: int, size: int) -> OverQuota | None:
    rows = current.rows(
        "SELECT a.quota_mb, c.bytes FROM mail_account a JOIN mail_account_counters c ON c.account_id = a.id "
        "WHERE a.id = %s",
        [account],
    )
    return quota_refusal(int(rows[0][0]), int(rows[0][1]) + size) if rows and size else None


def _reveal_mailboxes(current: Transaction, write: RevealImport, modseq: int) -> None:
    targets = current.rows(
        "SELECT t.id, t.name, b.id, b.next_uid, b.messages, b.unseen, b.bytes FROM importer_target t "
        "JOIN mail_mailbox b ON b.id = t.mailbox_id WHERE t.owner_id = %s",
        [write.import_id],
    )
    for target, name, *hidden in sorted(targets, key=itemgetter(1)):
        there = current.rows(
            "SELECT id, next_uid FROM mail_mailbox WHERE account_id = %s AND name = %s",
            [write.account_id, name],
        )
        if there:
            place = _move(current, hidden, int(there[0][0]), int(there[0][1]), modseq)
        else:
            _reveal_levels_above(current, write, name, modseq)
            place = _appear(current, hidden, write.account_id, modseq)
        current.run(
            "UPDATE importer_target SET mailbox_id = %s, created = %s, first_uid = %s, last_uid = %s "
            "WHERE id = %s",
            [place.mailbox, place.created, place.first_uid, place.last_uid, target],
        )
        if not place.created:
            current.run("DELETE FROM mail_mailbox WHERE id = %s", [hidden[0]])
        _tell(current, write.account_id, modseq, place)


def _reveal_levels_above(current: Transaction, write: RevealImport, name: str, modseq: int) -> None:
    """What a new mailbox is below becomes a mailbox too; an undo takes it back with the others."""
    levels = name.split(LEVELS)
    for count in range(1, len(levels)):
        above = LEVELS.join(levels[:count])
        if current.rows(
            "SELECT 1 FROM mail_mailbox WHERE account_id = %s AND name = %s", [write.account_id, above]
        ):
            continue
        place = _appear(current, (hidden_mailbox(current, above), 1), write.account_id, modseq)
        current.insert(
            "importer_target",
            "owner_id, name, mailbox_id, messages, created, first_uid, last_uid",
            [(write.import_id, above, place.mailbox, 0, True, place.first_uid, place.last_uid)],
        )
        _tell(current, write.account_id, modseq, place)


def _tell(current: Transaction, account: int, modseq: int, place: _Place) -> None:
    created: dict[str, object] = {"mailbox": place.mailbox, "change": "created"}
    events = [(account, modseq, "mailbox", created)] if place.created else []
    if place.last_uid >= place.first_uid:
        uids = uid_set([place.first_uid]) if place.first_uid == place.last_uid else ""
        new: dict[str, object] = {
            "mailbox": place.mailbox,
            "uids": uids or f"{place.first_uid}:{place.last_uid}",
        }
        events.append((account, modseq, "new", new))
    add_events(current, events)


def _appear(current: Transaction, hidden: Sequence[Any], account: int, modseq: int) -> _Place:
    mailbox, next_uid = int(hidden[0]), int(hidden[1])
    current.run(
        "UPDATE mail_mailbox SET account_id = %s, uidvalidity = %s, modseq = %s WHERE id = %s",
        [account, draw_uidvalidity(current, account), modseq, mailbox],
    )
    return _Place(mailbox, 1, next_uid - 1, created=True)


def _move(current: Transaction, hidden: Sequence[Any], there: int, free_uid: int, modseq: int) -> _Place:
    mailbox, next_uid, messages, unseen, size = hidden
    shift = free_uid - 1
    if messages:
        current.run(
            "UPDATE mail_message SET mailbox_id = %s, uid = uid + %s, modseq = %s, created_modseq = %s "
            "WHERE mailbox_id = %s",
            [there, shift, modseq, modseq, mailbox],
        )
        current.run(
            "UPDATE mail_mailbox SET next_uid = %s, messages = messages + %s, unseen = unseen + %s, "
            "bytes = bytes + %s, modseq = %s WHERE id = %s",
            [shift + next_uid, messages, unseen, size, modseq, there],
        )
    return _Place(there, free_uid, shift + next_uid - 1, created=False)


def _merge_flags(current: Transaction, write: RevealImport, modseq: int) -> None:
    """Doubles that were left out pass on what is marked on them; messages that are gone by now don't mind."""
    wanted: dict[int, tuple[int, set[str]]] = {}
    for message, flags, keywords in current.rows(
        "SELECT message_id, flags, keywords FROM importer_merge WHERE owner_id = %s ORDER BY id",
        [write.import_id],
    ):
        known, words = wanted.get(message, (0, set()))
        wanted[message] = (known | flags, words.union(json_value(keywords)))
    for message, (flags, words) in sorted(wanted.items()):
        _merge(current, write.account_id, modseq, message, flags, words)


def _merge(
    current: Transaction, account: int, modseq: int, message: int, flags: int, words: set[str]
) -> None:
    found = current.rows(
        "SELECT m.flags, m.keywords, m.mailbox_id, m.uid, m.modseq, b.account_id, b.modseq "
        "FROM mail_message m JOIN mail_mailbox b ON b.id = m.mailbox_id "
        "WHERE m.id = %s AND (b.account_id = %s OR b.account_id IS NULL)",
        [message, account],
    )
    if not found:
        return
    old, old_words, mailbox, uid, own_modseq, owner, mailbox_modseq = found[0]
    keywords = sorted(words.union(json_value(old_words)))
    new = old | flags
    if new == old and len(keywords) == len(json_value(old_words)):
        return
    if owner is not None:  # what is still hidden gets its number with the others of its mailbox
        own_modseq = mailbox_modseq = modseq
        data: dict[str, object] = {"mailbox": mailbox, "uids": uid_set([uid])}
        add_events(current, [(account, modseq, "flags", data)])
    current.run(
        "UPDATE mail_message SET flags = %s, keywords = %s, modseq = %s WHERE id = %s",
        [new, json.dumps(keywords), own_modseq, message],
    )
    current.run(
        "UPDATE mail_mailbox SET unseen = unseen - %s, modseq = %s WHERE id = %s",
        [(new & Flag.SEEN) - (old & Flag.SEEN), mailbox_modseq, mailbox],
    )
