"""Telling senders of results: one notice for the recipients of a message that fail together."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from delivery.dsn.report import ReportedRecipient
from delivery.queue.events import Event, Kind
from delivery.queue.load import WaitingRecipient
from delivery.queue.notices import Notices
from delivery.queue.results import RecordResult
from mail import clock
from mail.store.accept import AcceptMessage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delay:
    """Attempt `number` failed for now; the next one is made at `next_due`."""

    number: int
    next_due: clock.Moment


@dataclass(frozen=True, slots=True)
class Telling:
    """What the sender is to be told about a recipient: that it failed, or with `delay` that it is late."""

    recipient: WaitingRecipient
    reported: ReportedRecipient
    delay: Delay | None = None

    @property
    def subject(self) -> tuple[object, ...]:
        """What recipients have in common that one notice may tell of."""
        recipient = self.recipient
        plan = (self.delay, recipient.maximum_attempts, recipient.expires) if self.delay else ()
        return (recipient.message.id, *plan)


Told = tuple[RecordResult, Telling | None]
"""A result, and what is to be told of it."""


def with_notices(notices: Notices, results: Sequence[Told]) -> list[RecordResult]:
    """The results with the notices that belong to them. For worker threads, unless there is nothing to tell.

    A result whose notice can't be made is left out: its recipient is attempted again when its lease ends.
    """
    subjects: dict[tuple[object, ...], list[Told]] = {}
    for result, telling in results:
        if telling is not None:
            subjects.setdefault(telling.subject, []).append((result, telling))
    told = [result for result, telling in results if telling is None]
    for together in subjects.values():
        try:
            told += _told(notices, together)
        except Exception:
            recipients = ", ".join(str(telling.recipient.address) for _, telling in together if telling)
            log.exception("a result was lost", extra={"fields": {"recipient": recipients}})
    return told


def _told(notices: Notices, together: Sequence[Told]) -> list[RecordResult]:
    tellings = [telling for _, telling in together if telling is not None]
    notice = _notice(notices, tellings)
    if notice is None:
        return [result for result, _ in together]
    text = "of the delay" if tellings[0].delay else "of the failure"
    return [
        replace(
            result,
            notice=notice,
            alone=None if len(tellings) == 1 else partial(_notice, notices, [telling]),
            events=(Event(result.recipient_id, Kind.NOTICE, text=text), *result.events),
        )
        for (result, _), telling in zip(together, tellings, strict=True)
    ]


def _notice(notices: Notices, tellings: Sequence[Telling]) -> AcceptMessage | None:
    recipient, delay = tellings[0].recipient, tellings[0].delay
    reported = [telling.reported for telling in tellings]
    if delay is None:
        return notices.failures(recipient.message, reported)
    return notices.delays(recipient, reported, delay.number, delay.next_due)
