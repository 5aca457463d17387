"""When a message came, by its own header."""

from mail import clock
from mail.mime.dates import parse_date
from mail.mime.headers import HeaderBlock


def received_by_header(block: HeaderBlock) -> clock.Moment | None:
    """The date of the newest Received field, else of Date; None when neither can be read."""
    trace = block.get("Received")
    if trace is not None and (moment := parse_date(trace.rpartition(b";")[2])) is not None:
        return moment
    date = block.get("Date")
    return None if date is None else parse_date(date)
