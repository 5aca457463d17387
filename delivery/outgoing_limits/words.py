"""Numbers and times of limits in words. Pure."""

from mail import clock
from mail.clock import HOUR, MINUTE


def count_text(used: int, allowed: int) -> str:
    """How many are used; they are counted to one more than is allowed, and then no further."""
    return f"more than {allowed}" if used > allowed else str(used)


def after_text(moment: clock.Moment, now: clock.Moment) -> str:
    """A moment to come, rounded up to the minute: “after 14:32 UTC, in 3 h”."""
    rounded = -(-moment // MINUTE) * MINUTE
    return f"after {clock.as_datetime(rounded):%H:%M} UTC, in {_distance(moment - now)}"


def _distance(ahead: int) -> str:
    minutes = max(1, -(-ahead // MINUTE))
    return f"{minutes} min" if minutes < 100 else f"{round(minutes * MINUTE / HOUR)} h"
