"""Appending to what people see of an import."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from importer.waking import tell_of_news
from mail import clock
from mail.store.write import Transaction

COUNT, STEP, PROBLEM, DONE, ABORTED = "count", "step", "problem", "done", "aborted"

WAITING = "Waiting until another import into this account is over"
BRINGING_IN = "Bringing in the mail"
"""Titles of steps."""

PROBLEMS_SHOWN = 1000
"""Events for single problems of one import; the rest is only counted."""


@dataclass(frozen=True, slots=True)
class News:
    """One event: its kind, and data that is JSON."""

    kind: str
    data: dict[str, Any] = field(default_factory=dict)


def add_news(current: Transaction, import_id: int, news: Sequence[News]) -> None:
    """Number and store events. The import's row is locked by that."""
    if not news:
        return
    rows = current.rows(
        "UPDATE importer_import SET last_seq = last_seq + %s WHERE id = %s RETURNING last_seq",
        [len(news), import_id],
    )
    first = int(rows[0][0]) - len(news) + 1
    moment = clock.now()
    current.insert(
        "importer_importevent",
        "owner_id, seq, moment, kind, data",
        [
            (import_id, first + number, moment, each.kind, json.dumps(each.data))
            for number, each in enumerate(news)
        ],
    )
    tell_of_news(import_id)
