"""When a message came and whom it was from, by what servers wrote into its header."""

from collections.abc import Iterable

from mail import clock
from mail.mime.dates import parse_date
from mail.mime.headers import HeaderBlock

_END = 253_402_300_800 * clock.SECOND
"""The year 10000, which no calendar here reaches."""


def is_plausible(moment: clock.Moment | None) -> bool:
    """Whether it is between 1970 and the year 10000."""
    return moment is not None and 0 < moment < _END


def first_plausible(moments: Iterable[clock.Moment | None]) -> clock.Moment | None:
    """The first of them that is plausible; None without one."""
    return next(filter(is_plausible, moments), None)


def received_by_header(block: HeaderBlock) -> clock.Moment | None:
    """The date of the newest Received field, else of Date; None when neither can be read."""
    trace, date = block.get("Received"), block.get("Date")
    return first_plausible(
        (
            None if trace is None else parse_date(trace.rpartition(b";")[2]),
            None if date is None else parse_date(date),
        )
    )


def sender_by_header(block: HeaderBlock) -> str:
    """The envelope sender in Return-Path (RFC 5321 section 4.4); "" for the null sender and without one."""
    path = (block.get("Return-Path") or b"").decode("utf-8", "replace")
    sender = path[1:-1] if path.startswith("<") and path.endswith(">") else path
    return sender if "@" in sender and sender.isprintable() and " " not in sender else ""
