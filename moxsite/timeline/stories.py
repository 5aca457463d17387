"""The story of a recipient: what was decided, tried, answered and done, in the order in which it happened."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from delivery.models import Attempt, QueuedMessage, QueuedRecipient, QueueEvent, State
from mail import clock
from moxsite.pages.words import Chip, state_chip
from moxsite.timeline.steps import AttemptStep, Step, event_text

_DIRECT: Final = "direct"


@dataclass(frozen=True, slots=True)
class Story:
    """A recipient with its attempts and events, each oldest first.

    `for_admin`: the names of logins are told, and the rules can be looked up.
    """

    recipient: QueuedRecipient
    attempts: Sequence[Attempt]
    events: Sequence[QueueEvent] = field(default=())
    for_admin: bool = False

    @property
    def message(self) -> QueuedMessage:
        """What was accepted."""
        return self.recipient.message

    @property
    def last(self) -> Attempt | None:
        """The latest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def is_local(self) -> bool:
        """Whether it went into a mailbox of this server, without an attempt."""
        return bool(self.recipient.local_account)

    @property
    def is_waiting(self) -> bool:
        """Whether another attempt will follow by itself."""
        return self.recipient.state == State.WAITING and not self.recipient.held

    @property
    def is_due(self) -> bool:
        """Whether the next attempt may begin at any moment."""
        return self.recipient.due is not None and self.recipient.due <= clock.now()

    @property
    def is_running(self) -> bool:
        """Whether an attempt is under way: it has no result, and a worker still owns the recipient."""
        return self.last is not None and self._runs(self.last)

    @property
    def is_interrupted(self) -> bool:
        """Whether the latest attempt will never have a result, because its program stopped."""
        return self.last is not None and self._was_interrupted(self.last)

    @property
    def was_told(self) -> bool:
        """Whether the sender got a notice."""
        return any(event.kind == QueueEvent.Kind.NOTICE for event in self.events)

    @property
    def steps(self) -> list[Step]:
        """Everything that happened, in order."""
        happened = [*self._attempt_steps(), *self._event_steps()]
        happened.sort(key=lambda step: step.moment)
        return [*self._accepted(), *happened, *self._settled()]

    def _accepted(self) -> Iterator[Step]:
        yield Step("accepted", self.message.accepted, "accepted", message=self.message)

    def _attempt_steps(self) -> Iterator[Step]:
        way = None
        for attempt in self.attempts:
            shown = f"{attempt.rule} → transport {attempt.transport or _DIRECT}"
            if shown != way and (attempt.rule or attempt.transport):
                yield Step("route", attempt.started, "route", text=shown, number=attempt.number)
            way = shown
            told = AttemptStep(attempt, self._runs(attempt), self._was_interrupted(attempt))
            label = f"attempt {attempt.number}"
            yield Step("attempt", attempt.started, label, attempt=told, number=attempt.number)

    def _event_steps(self) -> Iterator[Step]:
        for event in self.events:
            label = QueueEvent.Kind(event.kind).label
            yield Step("event", event.moment, label, text=event_text(event, for_admin=self.for_admin))

    def _settled(self) -> Iterator[Step]:
        if self.recipient.settled is not None:
            chip: Chip = state_chip(self.recipient)
            yield Step("settled", self.recipient.settled, "settled", chip=chip, text=self._settled_text())

    def _settled_text(self) -> str:
        if self.is_local:
            return "into a mailbox of this server"
        return "" if self.attempts else self.recipient.last_reply

    def _runs(self, attempt: Attempt) -> bool:
        leased = self.recipient.lease_token != 0 and self.recipient.lease_until > clock.now()
        return attempt.outcome == Attempt.Outcome.RUNNING and attempt is self.last and leased

    def _was_interrupted(self, attempt: Attempt) -> bool:
        return attempt.outcome == Attempt.Outcome.RUNNING and not self._runs(attempt)


def stories(recipients: Sequence[QueuedRecipient], *, for_admin: bool = False) -> list[Story]:
    """The story of each recipient. Their messages should have been read with them."""
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(recipient__in=recipients).order_by("recipient_id", "number", "id"):
        attempts[attempt.recipient_id].append(attempt)
    events: dict[int, list[QueueEvent]] = defaultdict(list)
    for event in QueueEvent.objects.filter(recipient__in=recipients).order_by("recipient_id", "id"):
        events[event.recipient_id].append(event)
    return [Story(each, attempts[each.id], events[each.id], for_admin) for each in recipients]
