"""Noting when a password was last used."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mail import clock
from mail.store.write import Transaction, Write, applies

PRECISION: Final = clock.MINUTE
"""A write for each login of a busy program would cost too much."""


@dataclass(frozen=True, slots=True)
class NoteUse(Write):
    """The password was used at this moment."""

    credential_id: int
    moment: clock.Moment


@applies(NoteUse)
def note_use(current: Transaction, writes: Sequence[NoteUse]) -> list[None]:
    latest: dict[int, clock.Moment] = {}
    for write in writes:
        latest[write.credential_id] = max(latest.get(write.credential_id, 0), write.moment)
    for credential, moment in sorted(latest.items()):
        current.run(
            "UPDATE mail_credential SET last_used = %s "
            "WHERE id = %s AND (last_used IS NULL OR last_used <= %s)",
            [moment, credential, moment - PRECISION],
        )
    return [None] * len(writes)
