"""Which conversation a message belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mail.search.keys import MESSAGE_OF_KEY, message_key
from mail.store.selected import places
from mail.store.write import Transaction

_MOST_LOOKED_UP: Final = 20


@dataclass(frozen=True, slots=True)
class Relations:
    """What the header says of a message's conversation, as keys within the account (RFC 5322 section 3.6.4).

    `own` is of its Message-ID. `ancestors` are of the messages it answers, the nearest first. `root` is of
    the one that began it all.
    """

    own: int
    ancestors: tuple[int, ...]
    root: int


def relations(
    account: int, message: int, message_id: str, in_reply_to: str, references: str
) -> Relations:  # fmt: skip
    """The relations of the message with this row id; message ids are divided by spaces."""
    earlier = references.split() or in_reply_to.split()
    nearest = [*reversed(references.split()), *in_reply_to.split()]
    own = message_id or f"message {message}"
    return Relations(
        message_key(account, own),
        tuple(message_key(account, each) for each in dict.fromkeys(nearest[:_MOST_LOOKED_UP])),
        message_key(account, earlier[0] if earlier else own),
    )


def threads_of(current: Transaction, account: int, chosen: Sequence[Relations]) -> list[int]:
    """The conversation of each message: that of the nearest message it answers, else what its root is called.

    Replies that arrive before the message they answer, and say whose they are, meet in the name of the root.
    """
    known = _known(current, account, (key for each in chosen for key in each.ancestors))
    threads = []
    for each in chosen:
        thread = next((known[key] for key in each.ancestors if key in known), each.root)
        known.setdefault(each.own, thread)
        threads.append(thread)
    return threads


def _known(current: Transaction, account: int, keys: Iterable[int]) -> dict[int, int]:
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    message = MESSAGE_OF_KEY.format("e.id")
    return dict(
        current.rows(
            f"SELECT e.message_key, m.thread FROM mail_searchentry e JOIN mail_message m ON m.id = {message} "
            f"WHERE e.account_id = %s AND e.message_key IN ({places(len(wanted))}) ORDER BY e.id DESC",
            [account, *wanted],
        )
    )
