"""Forgetting what counts for no limit any longer. Who was written to before is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from delivery.outgoing_limits.budget import WINDOW, Limit
from mail import clock
from mail.periodic.registry import every
from mail.store.write import Transaction, Write, applies
from mail.store.writer import Writer, writer

_ROWS: Final = 1000


@dataclass(frozen=True, slots=True)
class PruneRecent(Write):
    """One slice of forgetting recipients that are older than the window; gives whether more are left."""


def prune_recent(store: Writer) -> None:
    """Forget all that may go by now. The writer serves others between the slices."""
    while store.submit(PruneRecent()).result():
        pass


@every(minutes=15, name="prune outgoing limits")
def prune_outgoing_limits() -> None:
    """Recipients of more than a day ago."""
    prune_recent(writer())


@applies(PruneRecent)
def apply_prune_recent(current: Transaction, writes: Sequence[PruneRecent]) -> list[bool]:
    before = clock.now() - WINDOW
    kinds = [limit.value for limit in Limit]
    # By way of the accounts, the index that the limits are counted by finds the old rows too.
    removed = current.run(
        "DELETE FROM delivery_recentrecipient WHERE id IN (SELECT r.id FROM mail_account a "
        "JOIN delivery_recentrecipient r ON r.account_id = a.id AND r.moment <= %s LIMIT %s)",
        [before, _ROWS],
    )
    current.run("DELETE FROM delivery_limitnotice WHERE kind IN (%s, %s) AND moment <= %s", [*kinds, before])
    return [removed == _ROWS] * len(writes)
