"""In which lanes something is due.

The recipients that are due first may all be of one lane, with a dead server. So with many of them the index
is walked from lane to lane: a lane with 50 000 costs as much as one with a single recipient.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from delivery.queue.leases import OPEN
from mail import clock
from mail.store.write import Transaction

LANES_A_ROUND = 200
FEW = 1000
"""Up to this many due recipients are looked at one by one."""

WALKED = 1000
"""Lanes that a round walks through at the most: in most of them nothing may be due for hours."""


@dataclass(frozen=True, slots=True)
class DueLanes:
    """Lanes in the order of the circle. The next round goes on behind `last`.

    `all` is whether nothing is due in any other lane.
    """

    names: tuple[str, ...]
    last: str
    all: bool


def due_lanes(current: Transaction, after: str, moment: clock.Moment) -> DueLanes:
    """The lanes in which something is due, round the circle from `after` on."""
    due = current.rows(
        f"SELECT lane FROM delivery_queuedrecipient WHERE {OPEN} AND due <= %s ORDER BY due LIMIT {FEW + 1}",
        [moment],
    )
    if len(due) > FEW:
        return _round_the_circle(current, after, moment)
    found = sorted({lane for (lane,) in due}, key=lambda lane: (lane <= after, lane))
    names = tuple(found[:LANES_A_ROUND])
    return DueLanes(names, names[-1] if names else after, len(names) == len(found))


def _round_the_circle(current: Transaction, after: str, moment: clock.Moment) -> DueLanes:
    walked = _walk(current, "lane > %s", after, moment, LANES_A_ROUND)
    names = [lane for lane, is_due in walked if is_due]
    if len(names) == LANES_A_ROUND or _stopped(walked):
        return DueLanes(tuple(names), walked[-1][0], False)
    walked = _walk(current, "lane <= %s", after, moment, LANES_A_ROUND - len(names))
    last = walked[-1][0] if walked else (names[-1] if names else after)
    names += [lane for lane, is_due in walked if is_due]
    return DueLanes(tuple(names), last, len(names) < LANES_A_ROUND and not _stopped(walked))


def _stopped(walked: list[tuple[str, bool]]) -> bool:
    return bool(walked) and not walked[-1][1]


def _walk(
    current: Transaction, bound: str, after: str, moment: clock.Moment, most: int
) -> list[tuple[str, bool]]:  # fmt: skip
    """The due lanes within the bound, and, marked as not due, the one at which the walk was stopped."""
    rows = current.rows(
        f"""
        WITH RECURSIVE lanes(lane, number) AS (
            SELECT min(lane), 1 FROM delivery_queuedrecipient WHERE {OPEN} AND {bound}
            UNION ALL
            SELECT (SELECT min(q.lane) FROM delivery_queuedrecipient q
                    WHERE q.state = 'waiting' AND NOT q.held AND q.lane > lanes.lane AND q.{bound}),
                   lanes.number + 1
            FROM lanes WHERE lanes.lane IS NOT NULL AND lanes.number < {WALKED}
        ), walked(lane, number, is_due) AS (
            SELECT lane, number, EXISTS (
                SELECT 1 FROM delivery_queuedrecipient q
                WHERE q.state = 'waiting' AND NOT q.held AND q.lane = lanes.lane AND q.due <= %s
            ) FROM lanes WHERE lane IS NOT NULL
        )
        SELECT lane, is_due FROM walked WHERE is_due OR number = {WALKED} LIMIT {most}
        """,
        [after, after, moment],
    )
    return [(lane, bool(is_due)) for lane, is_due in rows]


_FIRST_DUE = {
    "sqlite": """
        SELECT wanted.value, q.id FROM json_each(%s) AS wanted JOIN delivery_queuedrecipient q ON q.id IN (
            SELECT d.id FROM delivery_queuedrecipient d
            WHERE d.state = 'waiting' AND NOT d.held AND d.lane = wanted.value AND d.due <= %s
              AND d.lease_until <= %s ORDER BY d.due LIMIT %s
        )
    """,
    "postgresql": """
        SELECT wanted.lane, q.id FROM json_array_elements_text(%s::json) AS wanted(lane) CROSS JOIN LATERAL (
            SELECT d.id FROM delivery_queuedrecipient d
            WHERE d.state = 'waiting' AND NOT d.held AND d.lane = wanted.lane AND d.due <= %s
              AND d.lease_until <= %s ORDER BY d.due LIMIT %s
        ) AS q
    """,
}


def first_due(current: Transaction, counts: Mapping[str, int], moment: clock.Moment) -> dict[str, list[int]]:
    """The recipients that are due first in each of these lanes, up to a number for each. Not those leased."""
    by_count: dict[int, list[str]] = {}
    for lane, count in counts.items():
        if count > 0:
            by_count.setdefault(count, []).append(lane)
    found: dict[str, list[int]] = {}
    for count, lanes in by_count.items():
        parameters = [json.dumps(lanes), moment, moment, count]
        for lane, id_ in current.rows(_FIRST_DUE[connection.vendor], parameters):
            found.setdefault(lane, []).append(id_)
    return found
