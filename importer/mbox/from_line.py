"""The line that starts a message in an mbox file (RFC 4155, and what programs really write)."""

import re
from dataclasses import dataclass
from functools import lru_cache

from mail import clock
from mail.mime.dates import midnight, moment_of_day, parse_date

_ZONE = rb"(?: +\(?([+-]\d\d:?\d\d|[A-Z]{1,5})\)?)?"
_TIME = rb"(\d{1,2}:\d\d(?::\d\d)?)"
_ASCTIME = re.compile(
    rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +"
    rb"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(\d{1,2}),? +"
    + _TIME
    + _ZONE
    + rb" +(\d{4})\b"
    + _ZONE
)
_INTERNET = re.compile(
    rb"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +)?(\d{1,2})[ -]+"
    rb"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[ -]+(\d{4}) +" + _TIME + _ZONE
)
# What most programs write, read with less work: no zone and nothing behind the year.
_USUAL = re.compile(
    rb"From (\S+)  ?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) "
    rb"((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d) "
    rb"([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60) (\d{4})\r?\n?"
)
_LONGEST_SENDER = 320


@dataclass(slots=True)  # not frozen: made for each message
class FromLine:
    """What the line says. `sender` is "" when it names no address, `received` None without a readable date.

    `is_plain` when it has no more than one word behind "From".
    """

    sender: str
    received: clock.Moment | None
    is_plain: bool = False


def parse_from_line(line: bytes) -> FromLine:
    """Read a line that starts with "From ". A date without zone counts as UTC (RFC 4155). Never raises."""
    usual = _USUAL.fullmatch(line)
    if usual is not None:
        sender, day, hour, minute, second, year = usual.groups()
        start = _midnight(day, year)
        received = None if start is None else start + moment_of_day(hour, minute, second)
        return FromLine(_sender(sender), received)
    text = line[5:].rstrip(b"\r\n")
    found = _ASCTIME.search(text)
    if found:
        month, day, time, zone, year, last_zone = found.groups()
    else:
        found = _INTERNET.search(text)
        if not found:
            words = text.split()
            return FromLine(_sender(text), None, len(words) < 2)
        day, month, year, time, zone = found.groups()
        last_zone = None
    received = parse_date(b"%b %b %b %b %b" % (day, month, year, time, last_zone or zone or b"+0000"))
    return FromLine(_sender(text[: found.start()]), received)


@lru_cache(maxsize=1024)
def _midnight(day: bytes, year: bytes) -> clock.Moment | None:
    """Of b"Sep  1". Mail comes in the order of days."""
    return midnight(b"%b %b %b" % (day[4:].lstrip(), day[:3], year), b"+0000")


def _sender(text: bytes) -> str:
    """The address, but for the stand-ins of programs that know none: Thunderbird, Eudora and Gmail."""
    sender = text.strip().decode("utf-8", "replace")
    known = "@" in sender and " " not in sender and len(sender) <= _LONGEST_SENDER
    if not known or sender.endswith(("@xxx", "@???")):
        return ""
    return sender
