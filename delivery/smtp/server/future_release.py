"""Mail that is not to leave before a certain time (RFC 4865)."""

import datetime
import re
from dataclasses import dataclass
from typing import Final

from mail import clock
from mail.clock import Moment
from mail.errors import MailError

LONGEST_HOLD: Final = 60 * clock.DAY

_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII | re.IGNORECASE,
)
"""RFC 3339 section 5.6, as erratum 2040 of RFC 4865 has it."""


@dataclass(frozen=True, slots=True)
class FutureRelease:
    """The first attempt is not to be made before `moment`.

    `request` is what was asked for, in the form of RFC 4865 section 6: "for;3600" or "until;" and a time.
    """

    moment: Moment
    request: str


def future_release_keyword() -> str:
    """The line of the EHLO reply: the longest time in seconds, and the latest moment."""
    latest = _date_time(clock.now() + LONGEST_HOLD)
    return f"FUTURERELEASE {LONGEST_HOLD // clock.SECOND} {latest}"


def take_future_release(parameters: dict[str, str | None]) -> FutureRelease | None:
    """Take HOLDFOR or HOLDUNTIL out of the parameters of MAIL. Raises MailError.

    A moment in the past is no reason for refusing: the mail program may have been offline until after it.
    """
    now = clock.now()
    if "HOLDFOR" in parameters and "HOLDUNTIL" in parameters:
        raise MailError(501, "5.5.4", "HOLDFOR and HOLDUNTIL exclude each other")
    if "HOLDFOR" in parameters:
        seconds = parameters.pop("HOLDFOR")
        if seconds is None or not _SECONDS.fullmatch(seconds):
            raise MailError(501, "5.5.4", "HOLDFOR is a number of seconds")
        release = FutureRelease(now + int(seconds) * clock.SECOND, f"for;{seconds}")
    elif "HOLDUNTIL" in parameters:
        text = (parameters.pop("HOLDUNTIL") or "").upper()
        release = FutureRelease(max(_moment(text), now), f"until;{text}")
    else:
        return None
    if release.moment > now + LONGEST_HOLD:
        raise MailError(501, "5.5.4", f"mail is held {LONGEST_HOLD // clock.DAY} days at most")
    return release


def _moment(text: str) -> Moment:
    if _DATE_TIME.fullmatch(text):
        try:
            return clock.from_datetime(datetime.datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            pass
    raise MailError(501, "5.5.4", "HOLDUNTIL is a time like 2030-12-31T23:59:59Z")


def _date_time(moment: Moment) -> str:
    return clock.as_datetime(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
