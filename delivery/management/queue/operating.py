"""Operations on recipients, from the command line."""

from collections.abc import Mapping
from typing import Any

from delivery.management.queue.arguments import NO_DEMAND
from delivery.queue.changes import (
    Change,
    DemandTls,
    Drop,
    Hold,
    MoveBy,
    MoveTo,
    Release,
    RetryNow,
    TakeTransport,
)
from delivery.queue.operations import change_queue, give_up_recipients
from delivery.queue.when import parse_duration, parse_moment
from mail import clock

BY = "command line"

DONE = {
    "retry": "tried again now",
    "reschedule": "rescheduled",
    "hold": "held",
    "unhold": "released",
    "fail": "given up, and the senders told",
    "drop": "dropped",
    "transport": "given a transport",
    "tls": "given a TLS demand",
}
"""What was done to so many recipients."""


def operate(action: str, ids: list[int], options: Mapping[str, Any]) -> int:
    """Do it; how many recipients it was done to. Raises NoTime and LookupError."""
    if action == "fail":
        return give_up_recipients(ids, BY)
    return change_queue(ids, _change(action, options), BY)


def recipients_are(count: int) -> str:
    """How many recipients something is done to: “1 recipient is”, “3 recipients are”."""
    return "1 recipient is" if count == 1 else f"{count} recipients are"


def _change(action: str, options: Mapping[str, Any]) -> Change:
    match action:
        case "retry":
            return RetryNow()
        case "reschedule" if options["at"] is not None:
            return MoveTo(parse_moment(options["at"], clock.now()))
        case "reschedule":
            return MoveBy(parse_duration(options["by"]))
        case "hold":
            return Hold(options["reason"], ending(options["until"]))
        case "unhold":
            return Release()
        case "transport":
            return TakeTransport(options["name"])
        case "tls":
            return DemandTls("" if options["demand"] == NO_DEMAND else options["demand"])
        case "drop":
            return Drop()
    raise ValueError(action)


def ending(text: str) -> clock.Moment | None:
    """When a hold ends; None when nothing was said. Raises NoTime."""
    return parse_moment(text, clock.now()) if text else None
