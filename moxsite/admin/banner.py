"""What every page of the admin says above all else: mail that is late or held, transports that fail.

Each question is one look into an index, or into a table of a few rows.
"""

from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.urls import reverse

from delivery.models import HoldRule, Transport, TransportTrouble
from delivery.queue.figures import LATE, oldest_due_age
from mail import clock
from moxsite.admin.limits import STEP, limit_findings
from moxsite.admin.queue_words import coarse_text
from moxsite.pages.words import counted

_MOST: Final = 1000
_NAMED: Final = 3
_LONGEST_REASON: Final = 200
_RULES: Final = "admin:delivery_holdrule_changelist"
# The conditions stand in the text, because an index over some rows is not used for bound values.
_HELD: Final = (
    "SELECT count(*) FROM (SELECT 1 FROM delivery_queuedrecipient WHERE state = 'waiting' AND held "
    f"LIMIT {_MOST + 1}) AS found"
)


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, and where to do something about it. `level` is warning or info."""

    text: str
    step: str
    url: str
    level: str = "warning"


def notices() -> list[Notice]:
    """What there is to say now."""
    return [*_troubles(), *_late(), *_limits_reached(), *_held()]


def _troubles() -> list[Notice]:
    rows = list(
        TransportTrouble.objects.filter(transport__in=Transport.objects.values("name")).order_by("-last")[
            : _NAMED + 1
        ]
    )
    found = [
        Notice(
            f"Transport {row.transport} fails before it takes any mail, for {_since(row.since)}: "
            f"“{_cut(row.text)}”. Its mail waits; it was tried {counted(row.attempts, 'time')}.",
            "Check its settings",
            _transport_url(row.transport),
        )
        for row in rows[:_NAMED]
    ]
    if len(rows) > _NAMED:
        url = reverse("admin:delivery_transport_changelist")
        found.append(Notice("More transports fail.", "See all transports", url))
    return found


def _late() -> list[Notice]:
    late = oldest_due_age()
    if late < LATE:
        return []
    return [
        Notice(
            f"Mail is late: the oldest due message is {counted(late // clock.MINUTE, 'minute')} late.",
            "See whether a worker is running, then look at the queue",
            reverse("admin:delivery_queuedrecipient_changelist") + "?state=late",
        )
    ]


def _limits_reached() -> list[Notice]:
    return [Notice(found.text, STEP, found.url) for found in limit_findings() if found.reached]


def _held() -> list[Notice]:
    held = _number(_HELD) or 0
    rules = HoldRule.objects.count()
    said = [_are(held, "recipient", "on hold")] if held else []
    said += [_are(rules, "hold rule", "in force")] if rules else []
    if not said:
        return []
    queue = reverse("admin:delivery_queuedrecipient_changelist") + "?state=held"
    step, url = ("See what is held", queue) if held else ("See the rules", reverse(_RULES))
    return [Notice(f"{', and '.join(said)}.", step, url, "info")]


def _are(count: int, noun: str, what: str) -> str:
    if count > _MOST:
        return f"More than {_MOST} {noun}s are {what}"
    return f"{counted(count, noun)} {'is' if count == 1 else 'are'} {what}"


def _number(sql: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        (number,) = cursor.fetchone()
    return None if number is None else int(number)


def _since(moment: clock.Moment) -> str:
    return coarse_text(clock.now() - moment)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else line[:_LONGEST_REASON] + "…"


def _transport_url(name: str) -> str:
    key = Transport.objects.filter(name=name).values_list("pk", flat=True).first()
    if key is None:
        return reverse("admin:delivery_transport_changelist")
    return reverse("admin:delivery_transport_change", args=[key])
