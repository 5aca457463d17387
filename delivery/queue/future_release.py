"""Mail that its sender asked to keep back for a while (RFC 4865), in timelines and notices."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from delivery.models import QueueEvent
from delivery.queue.reports import moment_text
from mail import clock

_REQUEST = re.compile(r"\(((?:for|until);[^()]+)\)$")


@dataclass(frozen=True, slots=True)
class Release:
    """The first attempt is not made before `moment`; `request` is what was asked for (RFC 4865 section 6)."""

    moment: clock.Moment
    request: str

    @property
    def text(self) -> str:
        """For the timeline."""
        return f"not before {moment_text(self.moment)}, as the sender asked ({self.request})"


def request_among(texts: Iterable[str]) -> str:
    """What was asked for, out of the texts of a recipient's events; empty when nothing was."""
    found = (_REQUEST.search(text) for text in texts)
    return next((match[1] for match in found if match), "")


def request_of(message_id: int) -> str:
    """What the sender of a queued message asked for; empty when nothing was. Reads the database."""
    events = QueueEvent.objects.filter(
        recipient__message_id=message_id, kind=QueueEvent.Kind.RESCHEDULED, by=""
    )
    return request_among(events.order_by("id").values_list("text", flat=True))
