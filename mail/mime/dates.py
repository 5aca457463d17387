"""Reading the Date field (RFC 5322 sections 3.3 and 4.3), tolerant of what is really sent."""

import datetime
import re
from functools import lru_cache

from mail import clock

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_ZONES = {"edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8}
_COMMENT = re.compile(r"\([^()]*\)")
_TIME = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
_ZONE = r"(?:(?:UTC|GMT)?(?P<offset>[+-]\d{2}:?\d{2})|(?P<zone>[A-Za-z]+))"
_INTERNET = re.compile(
    r"\s*(?:[A-Za-z]+\.?\s*,?\s*)?(?P<day>\d{1,2})[\s-]+(?P<month>[A-Za-z]{3})[A-Za-z]*\.?[\s,-]+"
    rf"(?P<year>\d{{2,4}}),?\s+{_TIME}\s*{_ZONE}?"
)
_ASCTIME = re.compile(
    r"\s*[A-Za-z]+,?\s+(?P<month>[A-Za-z]{3})[A-Za-z]*\s+(?P<day>\d{1,2}),?\s+"
    rf"{_TIME}\s+(?:{_ZONE}\s+)?(?P<year>\d{{4}})"
)
_NUMBERS = {b"%02d" % number: number for number in range(61)}
_EPOCH = datetime.date(1970, 1, 1).toordinal()
# What nearly all programs write, read with less work.
_USUAL = re.compile(
    rb"(?:[A-Z][a-z]{2}, ?)?(\d{1,2} [A-Z][a-z]{2} \d{4}) "
    rb"([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60) ([+-]\d{4})"
    rb"(?: \([A-Z]{1,5}\))?"
)


def parse_date(value: bytes) -> clock.Moment | None:
    """The moment that a Date value names, or None when it cannot be read. Never raises.

    A missing or unknown zone counts as UTC (RFC 5322 section 4.3).
    """
    found = _USUAL.fullmatch(value)
    if found is None:
        return _parsed(value[:200])
    day, hour, minute, second, zone = found.groups()
    start = midnight(day, zone)
    return None if start is None else start + moment_of_day(hour, minute, second)


def moment_of_day(hour: bytes, minute: bytes, second: bytes) -> clock.Moment:
    """How long after midnight a time of the day is. All three have two digits."""
    return (_NUMBERS[hour] * 3600 + _NUMBERS[minute] * 60 + _NUMBERS[second]) * clock.SECOND


@lru_cache(maxsize=32)
def _parsed(value: bytes) -> clock.Moment | None:
    """Who reads a message asks twice: for the moment of arrival and for the summary."""
    text = value.decode("ascii", "replace")
    if "(" in text:
        text = _COMMENT.sub(" ", text)
    found = _INTERNET.match(text) or _ASCTIME.match(text)
    if found is None:
        return None
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    offset = _offset_minutes(found["offset"], found["zone"])
    month = _MONTHS.get(found["month"].lower())
    if hour > 23 or minute > 59 or second > 60 or offset is None or month is None:
        return None
    start = _day(_full_year(found["year"]), month, int(found["day"]))
    if start is None:
        return None
    return start + hour * clock.HOUR + (minute - offset) * clock.MINUTE + second * clock.SECOND


@lru_cache(maxsize=1024)
def midnight(day: bytes, zone: bytes) -> clock.Moment | None:
    """The first moment of a day such as b"1 Jul 2025" in a zone such as b"+0200"; None when there is none.

    Mail comes in the order of days.
    """
    number, name, year = day.decode("ascii").split()
    month, offset = _MONTHS.get(name.lower()), _offset_minutes(zone.decode("ascii"), None)
    start = None if month is None else _day(int(year), month, int(number))
    return None if start is None or offset is None else start - offset * clock.MINUTE


def _day(year: int, month: int, day: int) -> clock.Moment | None:
    try:
        return (datetime.date(year, month, day).toordinal() - _EPOCH) * clock.DAY
    except ValueError:
        return None


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _offset_minutes(offset: str | None, zone: str | None) -> int | None:
    if offset is None:
        return 60 * _ZONES.get((zone or "").lower(), 0)
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)
