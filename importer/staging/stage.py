"""Bringing messages in where nobody sees them yet: short commits into hidden mailboxes.

A batch, its place in the source and what people are told of it are one commit, so a run that breaks off at
any moment goes on exactly behind its last batch.
"""

import json
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from importer.models import State
from importer.staging.events import News, add_news
from importer.staging.lease import LEASE, LeaseLost
from mail import clock
from mail.models import Flag
from mail.store.accept import NewContent, insert_contents
from mail.store.database_clock import database_now
from mail.store.deliver import MEGABYTE
from mail.store.mailboxes import hidden_mailbox
from mail.store.write import Transaction, Write, applies

STAGED_MODSEQ = 1

_SEEN = int(Flag.SEEN)  # done for every message, and operations of enumerations are slow


class OverQuota(Exception):
    """The account may not keep what the import would bring. The text says so to people."""


@dataclass(slots=True)  # not frozen: made for each message
class Staged:
    """One message of a batch, for the mailbox named `target`."""

    ordinal: int
    target: str
    content: NewContent
    received: clock.Moment
    flags: int
    keywords: tuple[str, ...]
    envelope_sender: str


@dataclass(frozen=True, slots=True)
class MergeFlags:
    """What the message `message_id` of the account gets from its double in the source."""

    message_id: int
    flags: int
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageBatch(Write):
    """Settle the messages of the source behind the ordinal `after` up to `position`.

    `after` is the `position` of the batch before: several may be on their way, and when one is refused, so
    are those behind it. `targets` are mailboxes that shall be there even without messages. Gives the
    (content id, message id) of each of `staged`, in order. Raises LeaseLost or OverQuota.

    It is no promise: what is lost with it is read again, as the place in the source is in the same commit.
    """

    is_promise: ClassVar[bool] = False

    import_id: int
    token: int
    after: int
    position: int
    staged: tuple[Staged, ...] = ()
    targets: tuple[str, ...] = ()
    merges: tuple[MergeFlags, ...] = ()
    skipped: int = 0
    problems: int = 0
    news: tuple[News, ...] = ()

    @property
    def weight(self) -> int:
        return sum(len(chunk) for each in self.staged for chunk in each.content.chunks)


@applies(StageBatch)
def stage_batches(
    current: Transaction, writes: Sequence[StageBatch]
) -> list[list[tuple[int, int]] | Exception]:
    return [_stage(current, write) for write in writes]


def _stage(current: Transaction, write: StageBatch) -> list[tuple[int, int]] | Exception:
    refusal = _refusal(current, write)
    if refusal is not None:
        return refusal
    contents = insert_contents(current, [each.content for each in write.staged])
    mailboxes = _mailboxes(current, write)
    messages = _insert_messages(current, write, contents, mailboxes)
    current.insert(
        "importer_merge",
        "owner_id, message_id, flags, keywords",
        [
            (write.import_id, each.message_id, each.flags, json.dumps(list(each.keywords)))
            for each in write.merges
        ],
    )
    add_news(current, write.import_id, write.news)
    return list(zip(contents, messages, strict=True))


def _refusal(current: Transaction, write: StageBatch) -> Exception | None:
    """Count the batch in the import's row, if the lease holds and the account has room."""
    size = sum(each.content.size for each in write.staged)
    quota = current.rows(
        "SELECT a.quota_mb, c.bytes + i.bytes FROM importer_import i "
        "JOIN mail_account a ON a.id = i.account_id "
        "JOIN mail_account_counters c ON c.account_id = a.id WHERE i.id = %s",
        [write.import_id],
    )
    if not quota:
        return LeaseLost()
    if size and (refusal := quota_refusal(int(quota[0][0]), int(quota[0][1]) + size)):
        return refusal
    changed = current.run(
        "UPDATE importer_import SET position = %s, messages = messages + %s, bytes = bytes + %s, "
        "skipped = skipped + %s, merged = merged + %s, problems = problems + %s, lease_until = %s "
        "WHERE id = %s AND lease_token = %s AND state = %s AND position = %s",
        [
            write.position,
            len(write.staged),
            size,
            write.skipped,
            len(write.merges),
            write.problems,
            database_now(current) + LEASE,
            write.import_id,
            write.token,
            State.RUNNING.value,
            write.after,
        ],
    )
    return None if changed else LeaseLost()


def quota_refusal(quota_mb: int, wanted: int) -> OverQuota | None:
    """The refusal when an account would keep `wanted` bytes, None when it may."""
    if not quota_mb or wanted <= quota_mb * MEGABYTE:
        return None
    return OverQuota(
        f"The mail does not fit: the account may keep {quota_mb} MB. Ask for a higher quota, remove mail, or "
        "leave folders out."
    )


def _mailboxes(current: Transaction, write: StageBatch) -> dict[str, int]:
    """The hidden mailboxes of the batch by the names they will have."""
    names = sorted({each.target for each in write.staged}.union(write.targets))
    if not names:
        return {}
    places = ", ".join(["%s"] * len(names))
    found: dict[str, int] = dict(
        current.rows(
            f"SELECT name, mailbox_id FROM importer_target WHERE owner_id = %s AND name IN ({places})",
            [write.import_id, *names],
        )
    )
    missing = [name for name in names if name not in found]
    for name in missing:
        found[name] = hidden_mailbox(current, name)
    current.insert(
        "importer_target",
        "owner_id, name, mailbox_id, messages, created, first_uid, last_uid",
        [(write.import_id, name, found[name], 0, False, 0, 0) for name in missing],
    )
    return found


def _insert_messages(
    current: Transaction, write: StageBatch, contents: Sequence[int], mailboxes: dict[str, int]
) -> range:
    if not write.staged:
        return range(0)
    ids = current.ids(len(write.staged))
    uids = _draw_uids(current, write, mailboxes)
    current.insert(
        "mail_message",
        "id, mailbox_id, uid, modseq, created_modseq, content_id, prefix, size, received, flags, keywords, "
        "envelope_sender, recipient, authentication",
        [
            (
                row,
                mailboxes[each.target],
                uids[each.ordinal],
                STAGED_MODSEQ,
                STAGED_MODSEQ,
                content,
                b"",
                each.content.size,
                each.received,
                each.flags,
                json.dumps(each.keywords) if each.keywords else "[]",
                each.envelope_sender,
                "",
                None,
            )
            for row, content, each in zip(ids, contents, write.staged, strict=True)
        ],
    )
    current.insert(
        "importer_staged_batch",
        "owner_id, last_ordinal, first_message, ordinals",
        [
            (
                write.import_id,
                write.staged[-1].ordinal,
                ids[0],
                array("q", [each.ordinal for each in write.staged]).tobytes(),
            )
        ],
    )
    return ids


def _draw_uids(current: Transaction, write: StageBatch, mailboxes: dict[str, int]) -> dict[int, int]:
    """Numbers within the hidden mailboxes, by ordinal; the real ones are given when they are revealed."""
    uids: dict[int, int] = {}
    groups: dict[str, list[Staged]] = {}
    for each in write.staged:
        groups.setdefault(each.target, []).append(each)
    for target, own in sorted(groups.items()):
        unseen = sum(not each.flags & _SEEN for each in own)
        ((following,),) = current.rows(
            "UPDATE mail_mailbox SET next_uid = next_uid + %s, messages = messages + %s, "
            "unseen = unseen + %s, bytes = bytes + %s WHERE id = %s RETURNING next_uid",
            [len(own), len(own), unseen, sum(each.content.size for each in own), mailboxes[target]],
        )
        for number, each in enumerate(own):
            uids[each.ordinal] = int(following) - len(own) + number
        current.run(
            "UPDATE importer_target SET messages = messages + %s WHERE owner_id = %s AND name = %s",
            [len(own), write.import_id, target],
        )
    return uids
