"""Forgetting attempts to log in, and counts that no window needs any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mail import clock
from mail.periodic.registry import every
from mail.store.write import Transaction, Write, applies
from mail.store.writer import Writer, writer

ATTEMPTS_KEPT: Final = 30 * clock.DAY
MOST_OF_STRANGERS: Final = 50_000
"""Attempts under names that nobody has; who floods the list with them pushes his own out."""
_SLICE: Final = 500


@dataclass(frozen=True, slots=True)
class PruneGuard(Write):
    """One slice of forgetting. Gives whether there may be more."""


@every(minutes=10, name="log-in attempts")
def prune_log_ins() -> None:
    """All that may go by now."""
    prune(writer())


def prune(writer: Writer) -> None:
    """All that may go by now. The writer serves others between the slices."""
    while writer.submit(PruneGuard()).result():
        pass


@applies(PruneGuard)
def prune_guard(current: Transaction, writes: Sequence[PruneGuard]) -> list[bool]:
    now = clock.now()
    removed = [
        _remove(current, "mail_loginattempt", "last < %s ORDER BY last", [now - ATTEMPTS_KEPT]),
        _remove(current, "mail_limitercount", "expires <= %s ORDER BY expires", [now]),
    ]
    strangers = current.rows(
        "SELECT last FROM mail_loginattempt WHERE login_id IS NULL ORDER BY last DESC LIMIT 1 OFFSET %s",
        [MOST_OF_STRANGERS],
    )
    if strangers:
        which = "login_id IS NULL AND last <= %s ORDER BY last"
        removed.append(_remove(current, "mail_loginattempt", which, [strangers[0][0]]))
    return [_SLICE in removed] * len(writes)


def _remove(current: Transaction, table: str, which: str, parameters: list[int]) -> int:
    return current.run(
        f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {which} LIMIT %s)",
        [*parameters, _SLICE],
    )
