"""Mailboxes: finding, creating, the set that every account begins with."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from mail.models import Account, AccountCounters, SpecialUse
from mail.store.ids import reserve
from mail.store.write import Transaction

INITIAL = (
    ("Inbox", SpecialUse.INBOX),
    ("Sent", SpecialUse.SENT),
    ("Drafts", SpecialUse.DRAFTS),
    ("Archive", SpecialUse.ARCHIVE),
    ("Junk", SpecialUse.JUNK),
    ("Trash", SpecialUse.TRASH),
)


def ensure_account_store(account: Account) -> None:
    """Give an account its counters and initial mailboxes, in the caller's transaction; again is harmless."""
    _, created = AccountCounters.objects.get_or_create(account=account)
    if not created:
        return
    with connection.cursor() as cursor:

        def rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())

        first = reserve(cursor, len(INITIAL))
        for number, (name, use) in enumerate(INITIAL):
            _insert(rows, first + number, account.pk, name, use)


def find_or_create(current: Transaction, account: int, name: str) -> int:
    """The id of an account's mailbox. The account's counters are locked already."""
    found = current.rows("SELECT id FROM mail_mailbox WHERE account_id = %s AND name = %s", [account, name])
    if found:
        return int(found[0][0])
    (mailbox,) = current.ids(1)
    _insert(current.rows, mailbox, account, name, SpecialUse.NONE)
    return mailbox


def hidden_mailbox(current: Transaction, name: str) -> int:
    """Make a mailbox that nobody sees: it belongs to no account (mail that is brought in, or thrown away)."""
    (mailbox,) = current.ids(1)
    current.insert(
        "mail_mailbox",
        "id, account_id, name, special_use, subscribed, uidvalidity, next_uid, modseq, messages, unseen, "
        "bytes",
        [(mailbox, None, name, "", True, 0, 1, 1, 0, 0, 0)],
    )
    return mailbox


def draw_uidvalidity(current: Transaction, account: int) -> int:
    """A number that no mailbox of the account has had: one for a name that comes, perhaps again."""
    return _draw_uidvalidity(current.rows, account)


def _draw_uidvalidity(rows: Callable[[str, Sequence[Any]], list[tuple[Any, ...]]], account: int) -> int:
    ((following,),) = rows(
        "UPDATE mail_account_counters SET next_uidvalidity = next_uidvalidity + 1 WHERE account_id = %s "
        "RETURNING next_uidvalidity",
        [account],
    )
    return int(following) - 1


def _insert(
    rows: Callable[[str, Sequence[Any]], list[tuple[Any, ...]]],
    mailbox: int,
    account: int,
    name: str,
    use: SpecialUse,
) -> None:
    """A name that comes again gets a higher uidvalidity, so that nobody trusts old uids."""
    uidvalidity = _draw_uidvalidity(rows, account)
    rows(
        "INSERT INTO mail_mailbox (id, account_id, name, special_use, subscribed, uidvalidity, next_uid, "
        "modseq, messages, unseen, bytes) VALUES (%s, %s, %s, %s, %s, %s, 1, 0, 0, 0, 0) RETURNING id",
        [mailbox, account, name, use.value, True, uidvalidity],
    )
