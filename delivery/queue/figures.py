"""How the queue stands, in a few figures."""

from dataclasses import dataclass

from django.db import connection

from delivery.queue.leases import OPEN
from mail import clock

LATE = 5 * clock.MINUTE
"""How long a recipient may be due before something is wrong: no worker runs, or it can't keep up."""


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """Recipients `waiting` for an attempt (those `due` included) and `held`.

    `oldest_due_age` is for how many microseconds the oldest of them has been due, 0 when none is.
    """

    oldest_due_age: int
    waiting: int
    due: int
    held: int


def queue_figures() -> QueueFigures:
    """Ask the database. But for what is held, the conditions are those of an index, letter by letter."""
    moment = clock.now()
    due = _count(f"{OPEN} AND due <= %s", moment)
    later = _count(f"{OPEN} AND due > %s", moment)
    held = _count("state = 'waiting' AND held")
    return QueueFigures(oldest_due_age(), due + later, due, held)


def _count(condition: str, *values: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM delivery_queuedrecipient WHERE {condition}", values)
        return int(cursor.fetchone()[0])


def oldest_due_age() -> int:
    """For how many microseconds the oldest due recipient has been due, 0 when none is. The cheapest look."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MIN(due) FROM delivery_queuedrecipient WHERE {OPEN}")
        (oldest,) = cursor.fetchone()
    return 0 if oldest is None else max(0, clock.now() - oldest)
