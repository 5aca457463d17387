"""Noting what people and rules did to queued recipients, for their timelines."""

from collections.abc import Iterable
from dataclasses import dataclass

from delivery.models import QueueEvent
from mail import clock
from mail.store.write import Transaction

Kind = QueueEvent.Kind


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a recipient. `by` is the login that did it, empty for the program itself."""

    recipient_id: int
    kind: QueueEvent.Kind
    by: str = ""
    text: str = ""


def add_events(current: Transaction, events: Iterable[Event]) -> None:
    """Note events in the transaction in which they happen."""
    noted = list(events)
    if not noted:
        return
    moment = clock.now()
    current.insert(
        "delivery_queueevent",
        "id, recipient_id, moment, kind, by, text",
        [
            (id_, event.recipient_id, moment, event.kind.value, event.by, event.text)
            for id_, event in zip(current.ids(len(noted)), noted, strict=True)
        ],
    )
