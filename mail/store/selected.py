"""The messages of a mailbox that a change names by their uids, and uids as the events tell them."""

from collections.abc import Iterable
from typing import Protocol

from mail.store.write import Locks, Transaction

SLICE = 500
"""How many messages one write should name: nobody waits long for it, and no database refuses so many uids."""


class NamesMessages(Protocol):
    """A write that is about messages of one mailbox."""

    @property
    def account_id(self) -> int: ...
    @property
    def mailbox_id(self) -> int: ...
    @property
    def uids(self) -> tuple[int, ...]: ...


def locks(writes: Iterable[NamesMessages]) -> Locks:
    """The rows that such writes change."""
    chosen = list(writes)
    return Locks({write.account_id for write in chosen}, {write.mailbox_id for write in chosen})


def present(current: Transaction, write: NamesMessages, columns: str) -> list[tuple[int, ...]]:
    """These columns of the messages that are there, by uid; of a mailbox of this account only."""
    if not write.uids:
        return []
    return current.rows(
        f"SELECT {columns} FROM mail_message WHERE mailbox_id = %s AND uid IN ({places(len(write.uids))}) "
        "AND EXISTS (SELECT 1 FROM mail_mailbox b WHERE b.id = mailbox_id AND b.account_id = %s) "
        "ORDER BY uid",
        [write.mailbox_id, *write.uids, write.account_id],
    )


def places(count: int) -> str:
    """So many parameters, for IN."""
    return ", ".join(["%s"] * count)


def uid_set(uids: Iterable[int]) -> str:
    """Ascending uids in short, as IMAP writes them (RFC 9051 section 9, sequence-set): 1:3,7."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and runs[-1][1] == uid - 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs)
