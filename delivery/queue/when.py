"""Durations and moments as people type them: “1h30m”, “-2d”, “now”, “2026-11-30 08:00”. Pure."""

import datetime
import re
from typing import Final

from mail import clock

_UNITS: Final = {
    "s": clock.SECOND,
    "m": clock.MINUTE,
    "h": clock.HOUR,
    "d": clock.DAY,
    "w": 7 * clock.DAY,
}
_DURATION: Final = re.compile(r"([+-]?)((?:\d{1,6}[smhdw])+)")
_PART: Final = re.compile(r"(\d+)([smhdw])")
_LONGEST: Final = 3650 * clock.DAY

FORMS: Final = "a duration such as 30m, 1h30m or 2d, “now”, or a time in UTC such as 2026-11-30 08:00"


class NoTime(ValueError):
    """A text that says no time. The message tells what would."""


def parse_duration(text: str) -> int:
    """Microseconds of a duration: numbers with s, m, h, d or w, with a sign before them if need be.

    Raises NoTime.
    """
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        raise NoTime(f"“{text}” is no duration: write 30m, 1h30m or 2d")
    length = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(match[2]))
    if length > _LONGEST:
        raise NoTime(f"“{text}” is longer than ten years")
    return -length if match[1] == "-" else length


def parse_moment(text: str, now: clock.Moment) -> clock.Moment:
    """The moment that a text says: a duration from now, “now”, or a date and time (UTC unless it says).

    Raises NoTime.
    """
    said = text.strip().lower()
    if said == "now":
        return now
    if _DURATION.fullmatch(said):
        return now + parse_duration(said)
    try:
        moment = datetime.datetime.fromisoformat(text.strip().upper())
    except ValueError:
        raise NoTime(f"“{text}” says no time: write {FORMS}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return clock.from_datetime(moment)


def duration_text(microseconds: int) -> str:
    """A duration as `parse_duration` reads it, to the second: 1h30m."""
    seconds, text = microseconds // clock.SECOND, ""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, length)
        text += f"{count}{unit}" if count else ""
    return text or "0s"
