"""The last day of the queue as a small picture: a bar for each hour, what failed in red on top."""

from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from delivery.models import State
from mail import clock

HOURS: Final = 24
_SETTLED: Final = (
    "SELECT (settled - %s) / %s, state, count(*) FROM delivery_queuedrecipient "
    "WHERE settled IS NOT NULL AND settled > %s GROUP BY 1, 2"
)
_HEIGHT: Final = 32
_STEP: Final = 8
_BAR: Final = 6


@dataclass(frozen=True, slots=True)
class Hour:
    """What was settled within one hour, the newest last."""

    delivered: int = 0
    failed: int = 0


def last_day() -> list[Hour]:
    """Twenty-four hours up to now."""
    start = clock.now() - HOURS * clock.HOUR
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, [start + 1, clock.HOUR, start])
        counts = {(int(hour), state): int(count) for hour, state, count in cursor.fetchall()}
    return [
        Hour(counts.get((hour, State.DELIVERED), 0), counts.get((hour, State.FAILED), 0))
        for hour in range(HOURS)
    ]


def sparkline(hours: list[Hour]) -> SafeString:
    """The picture. Each bar tells its figures on hover, the whole is told to who can't see it."""
    most = max((hour.delivered + hour.failed for hour in hours), default=0) or 1
    bars = []
    for place, hour in enumerate(hours):
        good, bad = (round(count * _HEIGHT / most, 1) for count in (hour.delivered, hour.failed))
        ago = len(hours) - place
        title = f"{ago} h ago: {hour.delivered} delivered, {hour.failed} failed"
        bars.append(
            (place * _STEP, _STEP, _HEIGHT, title, place * _STEP, _HEIGHT - good, _BAR, good,
             place * _STEP, max(_HEIGHT - good - bad, 0), _BAR, bad)
        )  # fmt: skip
    drawn = format_html_join(
        "",
        '<g><rect class="room" x="{}" y="0" width="{}" height="{}"/><title>{}</title>'
        '<rect class="good" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="bad" x="{}" y="{}" width="{}" height="{}"/></g>',
        bars,
    )
    total = (sum(hour.delivered for hour in hours), sum(hour.failed for hour in hours))
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {} {}" role="img" '
        'aria-label="In the last 24 hours, hour by hour: {} delivered, {} failed">{}</svg>',
        HOURS * _STEP,
        _HEIGHT,
        *total,
        drawn,
    )
