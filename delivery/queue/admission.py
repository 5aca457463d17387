"""What an attempt asks before it begins: whether its destination has room for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType

from delivery.queue.choice import Choice
from delivery.queue.destinations import AdmitGroup, Admitted, Messages, ReleaseSlot, RenewSlot
from delivery.queue.limits import destination_key, limits_of
from delivery.queue.load import WaitingRecipient
from mail.store.writer import Writer, WriterStopped


def nobody() -> None:
    """Wakes nobody."""


@dataclass(frozen=True, slots=True)
class Admissions:
    """Asks for the attempts of one process. `wake` tells dispatchers that a connection is free again."""

    writer: Writer
    wake: Callable[[], None] = nobody

    def admit(self, choice: Choice, recipients: Sequence[WaitingRecipient], token: int) -> "Admission":
        """For recipients that share the next hop. Those not admitted are in the queue again, unattempted.

        To be used as a context manager around the attempt, which gives the connection back.
        """
        limits = limits_of(choice.transport.settings)
        if not limits:
            return Admission(self, tuple(each.id for each in recipients), 0)
        destination = destination_key(choice.next_hop(recipients[0].address.domain))
        write = AdmitGroup(destination, limits, _messages(recipients), token)
        admitted: Admitted = self.writer.submit(write).result()
        return Admission(self, admitted.recipients, admitted.slot)


@dataclass(frozen=True, slots=True)
class Admission:
    """The recipients that may be attempted now, and the connection that is counted for them."""

    admissions: Admissions
    recipients: tuple[int, ...]
    slot: int

    @property
    def counts_connections(self) -> bool:
        """Whether no connection may outlive the attempt: it would no longer be counted."""
        return bool(self.slot)

    def renew(self) -> None:
        """Keep the connection for another lease."""
        if self.slot:
            self.admissions.writer.submit(RenewSlot(self.slot))

    def __enter__(self) -> "Admission":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self.slot:
            return
        try:
            self.admissions.writer.submit(ReleaseSlot(self.slot)).result()
        except WriterStopped:
            return  # the slot ends by itself
        self.admissions.wake()


def _messages(recipients: Sequence[WaitingRecipient]) -> Messages:
    """The recipients by message, in the order in which they came."""
    messages: dict[int, list[int]] = {}
    for recipient in recipients:
        messages.setdefault(recipient.message.id, []).append(recipient.id)
    return tuple(map(tuple, messages.values()))
