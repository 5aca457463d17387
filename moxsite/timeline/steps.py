"""The entries of a timeline."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from delivery.models import Attempt, QueuedMessage, QueueEvent
from mail import clock
from moxsite.pages.words import Chip, duration_text

Kind = Literal["accepted", "route", "attempt", "event", "settled"]


@dataclass(frozen=True, slots=True)
class HostTried:
    """A host that an attempt came to. `failure` is empty when it got as far as the message."""

    where: str
    failure: str
    took: str
    reused: bool


@dataclass(frozen=True, slots=True)
class AttemptStep:
    """An attempt, and how it stands if it has no result."""

    attempt: Attempt
    is_running: bool
    is_interrupted: bool

    @property
    def chip(self) -> Chip:
        """How it ended."""
        if self.is_running:
            return Chip("under way", "blue")
        if self.is_interrupted:
            return Chip("interrupted", "amber")
        colour = {"delivered": "green", "temporary": "amber"}.get(self.attempt.outcome, "red")
        return Chip(Attempt.Outcome(self.attempt.outcome).label, colour)

    @property
    def hosts(self) -> list[HostTried]:
        """The hosts tried, where there is more to say than the attempt itself does."""
        tried = list(_hosts(self.attempt.tries))
        return tried if len(tried) > 1 or any(each.reused for each in tried) else []


@dataclass(frozen=True, slots=True)
class Step:
    """One entry. Which of the details it has depends on the kind."""

    kind: Kind
    moment: clock.Moment
    label: str
    text: str = ""
    number: int = 0
    message: QueuedMessage | None = None
    attempt: AttemptStep | None = None
    chip: Chip | None = None


def event_text(event: QueueEvent, *, for_admin: bool) -> str:
    """What an event says beyond its kind, and who did it; to senders only that it was an administrator."""
    by = ""
    if event.by:
        by = f"by {event.by}" if for_admin else "by an administrator"
    return " · ".join(part for part in (event.text, by) if part)


def _hosts(tries: Any) -> Iterator[HostTried]:
    """The stored list; what is not as it should be is left out."""
    for each in tries if isinstance(tries, list) else []:
        if not isinstance(each, dict):
            continue
        ip = f" {each['ip']}" if each.get("ip") else ""
        seconds = each.get("seconds")
        took = duration_text(int(seconds * clock.SECOND)) if isinstance(seconds, int | float) else ""
        yield HostTried(
            f"{each.get('host', '')}:{each.get('port', '')}{ip}",
            str(each.get("failure") or ""),
            took,
            bool(each.get("reused")),
        )
