"""Putting messages into mailboxes: uids, modification sequence, counters, events."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mail import clock
from mail.errors import MailError
from mail.store.mailboxes import find_or_create
from mail.store.write import Transaction

MEGABYTE = 1_000_000

NOTICE_LEEWAY = 10 * MEGABYTE
"""By so many bytes an account may exceed its quota with DSNs and other notices of this server."""


@dataclass(frozen=True, slots=True)
class LocalDelivery:
    """One copy of a message for one mailbox. `prefix` is read before the shared content.

    A `notice` is from this server itself and may exceed the quota by NOTICE_LEEWAY, so as not to be lost.
    `authentication` is what was found out about the sender, as JSON (mail.authentication.record).
    """

    account_id: int
    mailbox: str
    prefix: bytes
    envelope_sender: str
    recipient: str
    flags: int = 0
    received: clock.Moment | None = None
    authentication: str | None = None
    notice: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a copy was put."""

    mailbox_id: int
    uid: int


@dataclass(slots=True)
class _Copy:
    content_id: int
    size: int
    delivery: LocalDelivery
    mailbox_id: int = 0
    uid: int = 0
    modseq: int = 0


def deliver(
    current: Transaction, deliveries: Iterable[tuple[int, int, LocalDelivery]]
) -> list[Placement]:  # fmt: skip
    """Insert copies, given as (content id, its size, delivery); where each was put, in order."""
    copies = [_Copy(content, size + len(delivery.prefix), delivery) for content, size, delivery in deliveries]
    if not copies:
        return []
    _draw_modseqs(current, copies)
    _draw_uids(current, copies)
    _insert(current, copies)
    return [Placement(copy.mailbox_id, copy.uid) for copy in copies]


def refuse_over_quota(
    current: Transaction, asked: Sequence[tuple[int, tuple[LocalDelivery, ...]]]
) -> list[Exception | None]:
    """For each (size, deliveries): None, or the refusal when an account would keep more than its quota."""
    accounts = sorted({delivery.account_id for _, deliveries in asked for delivery in deliveries})
    if not accounts:
        return [None] * len(asked)
    places = ", ".join(["%s"] * len(accounts))
    free = {
        account: quota * MEGABYTE - used
        for account, quota, used in current.rows(
            "SELECT a.id, a.quota_mb, c.bytes FROM mail_account a "
            "JOIN mail_account_counters c ON c.account_id = a.id "
            f"WHERE a.quota_mb > 0 AND a.id IN ({places})",
            accounts,
        )
    }
    return (
        [_over_quota(free, size, deliveries) for size, deliveries in asked] if free else [None] * len(asked)
    )


def _over_quota(free: dict[int, int], size: int, deliveries: tuple[LocalDelivery, ...]) -> Exception | None:
    wanted: dict[int, int] = {}
    leeway: dict[int, int] = {}
    for delivery in deliveries:
        wanted[delivery.account_id] = wanted.get(delivery.account_id, 0) + size + len(delivery.prefix)
        leeway[delivery.account_id] = NOTICE_LEEWAY if delivery.notice else 0
    if any(needed > free.get(account, needed) + leeway[account] for account, needed in wanted.items()):
        return MailError(452, "4.2.2", "the mailbox is full, try again later")
    for account, needed in wanted.items():
        if account in free:
            free[account] -= needed
    return None


def _draw_modseqs(current: Transaction, copies: Sequence[_Copy]) -> None:
    """Accounts in id order, as the order of locks demands."""
    for account in sorted({copy.delivery.account_id for copy in copies}):
        own = [copy for copy in copies if copy.delivery.account_id == account]
        modseq = draw_modseqs(current, account, len(own), sum(copy.size for copy in own))
        for copy in own:
            copy.modseq = modseq
            modseq += 1


def draw_modseqs(current: Transaction, account: int, count: int, added_bytes: int = 0) -> int:
    """The first of `count` new modification sequence numbers of an account, which also locks it."""
    rows = current.rows(
        "UPDATE mail_account_counters SET modseq = modseq + %s, bytes = bytes + %s "
        "WHERE account_id = %s RETURNING modseq",
        [count, added_bytes, account],
    )
    if not rows:
        raise LookupError(f"account {account} has no counters: it was removed")
    return int(rows[0][0]) - count + 1


def _draw_uids(current: Transaction, copies: Sequence[_Copy]) -> None:
    names = {(copy.delivery.account_id, copy.delivery.mailbox) for copy in copies}
    mailboxes = {key: find_or_create(current, *key) for key in sorted(names)}
    for copy in copies:
        copy.mailbox_id = mailboxes[copy.delivery.account_id, copy.delivery.mailbox]
    for mailbox in sorted(set(mailboxes.values())):
        own = [copy for copy in copies if copy.mailbox_id == mailbox]
        unseen = sum(not copy.delivery.flags & 1 for copy in own)
        (uid,) = current.rows(
            "UPDATE mail_mailbox SET next_uid = next_uid + %s, messages = messages + %s, "
            "unseen = unseen + %s, bytes = bytes + %s, modseq = %s WHERE id = %s RETURNING next_uid",
            [len(own), len(own), unseen, sum(c.size for c in own), max(c.modseq for c in own), mailbox],
        )[0]
        for number, copy in enumerate(own):
            copy.uid = uid - len(own) + number


def _insert(current: Transaction, copies: Sequence[_Copy]) -> None:
    moment = clock.now()
    current.insert(
        "mail_message",
        "id, mailbox_id, uid, modseq, created_modseq, content_id, prefix, size, received, flags, keywords, "
        "envelope_sender, recipient, authentication",
        [
            (
                row,
                copy.mailbox_id,
                copy.uid,
                copy.modseq,
                copy.modseq,
                copy.content_id,
                copy.delivery.prefix,
                copy.size,
                copy.delivery.received or moment,
                copy.delivery.flags,
                "[]",
                copy.delivery.envelope_sender,
                copy.delivery.recipient,
                copy.delivery.authentication,
            )
            for row, copy in zip(current.ids(len(copies)), copies, strict=True)
        ],
    )
    add_events(
        current,
        [
            (copy.delivery.account_id, copy.modseq, "new", {"mailbox": copy.mailbox_id, "uid": copy.uid})
            for copy in copies
        ],
    )


def add_events(current: Transaction, events: Iterable[tuple[int, int, str, dict[str, object]]]) -> None:
    """Append events, given as (account id, modseq, kind, data)."""
    moment = clock.now()
    current.insert(
        "mail_event",
        "account_id, modseq, moment, kind, data",
        [(account, modseq, moment, kind, json.dumps(data)) for account, modseq, kind, data in events],
    )
