"""What processes tell each other: counts of the limiter and attempts to log in, in one write."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from mail import clock
from mail.guard.attempts import Attempt, Merged
from mail.limiter.counts import Stretch
from mail.models import LimiterCount
from mail.store.write import Transaction, Write, applies

MOST_LEARNED: Final = 5000

_ADD_COUNT: Final = (
    "INSERT INTO mail_limitercount (kind, subject, length, start, count, updated, expires) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (kind, subject, length, start) DO UPDATE SET updated = excluded.updated, "
    "count = CASE WHEN mail_limitercount.count + %s > 0 THEN mail_limitercount.count + %s ELSE 0 END "
    "RETURNING count"
)
_ADD_ATTEMPT: Final = (
    "INSERT INTO mail_loginattempt (id, key, login_id, login_name, ip, client, protocol, mechanism, "
    "password, result, first, last, count) "
    "VALUES (%s, %s, (SELECT id FROM mail_login WHERE id = %s), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (key) DO UPDATE SET count = mail_loginattempt.count + excluded.count, "
    "last = CASE WHEN excluded.last > mail_loginattempt.last "
    "THEN excluded.last ELSE mail_loginattempt.last END"
)


@dataclass(frozen=True, slots=True)
class TellOthers(Write):
    """Add counts to the rows of all processes, and attempts to theirs. Gives the sums of those counts.

    `counts` come in ascending order, in which all processes lock their rows.
    """

    counts: tuple[tuple[Stretch, int], ...]
    attempts: tuple[tuple[Attempt, Merged], ...]


@applies(TellOthers)
def tell_others(current: Transaction, writes: Sequence[TellOthers]) -> list[dict[Stretch, int]]:
    now = clock.now()
    sums = [
        {stretch: _add_count(current, stretch, delta, now) for stretch, delta in write.counts}
        for write in writes
    ]
    attempts = [each for write in writes for each in write.attempts]
    if attempts:
        rows = sorted((_attempt_row(*each) for each in attempts), key=itemgetter(0))
        ids = current.ids(len(rows))
        current.cursor.executemany(
            _ADD_ATTEMPT, [(number, *row) for number, row in zip(ids, rows, strict=True)]
        )
    return sums


def read_counts(since: clock.Moment) -> tuple[dict[Stretch, int], clock.Moment]:
    """The sums that changed since then, and when the last one changed.

    Reads the database: not for event loops.
    """
    rows = LimiterCount.objects.filter(updated__gte=since, expires__gt=clock.now()).order_by("-updated")
    sums, newest = {}, since
    for row in reversed(rows[:MOST_LEARNED]):  # what memory has no room for is what changed first
        sums[Stretch(row.kind, row.subject, row.length, row.start)] = row.count
        newest = max(newest, row.updated)
    return sums, newest


def _add_count(current: Transaction, stretch: Stretch, delta: int, now: clock.Moment) -> int:
    new = [stretch.kind, stretch.subject, stretch.length, stretch.start, max(delta, 0), now, stretch.expires]
    ((total,),) = current.rows(_ADD_COUNT, [*new, delta, delta])
    return int(total)


def _attempt_row(attempt: Attempt, merged: Merged) -> tuple[bytes | str | int | None, ...]:
    return (
        attempt.key(merged.last // clock.DAY),
        attempt.login_id,
        attempt.login_name,
        attempt.ip,
        attempt.client,
        attempt.protocol,
        attempt.mechanism,
        attempt.password,
        attempt.result,
        merged.first,
        merged.last,
        merged.count,
    )
