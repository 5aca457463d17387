"""Giving recipients up by hand: failed for good, and the sender is told that an administrator did it."""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.dsn.report import ReportedRecipient
from delivery.models import State
from delivery.queue.changing import settle
from delivery.queue.events import Event, Kind, add_events
from delivery.queue.load import WaitingRecipient, load_waiting
from delivery.queue.notices import Notices, put_into_mailboxes
from mail import clock
from mail.errors import Reply
from mail.store import readers
from mail.store.accept import AcceptMessage
from mail.store.write import Locks, Transaction, Write, applies
from mail.store.writer import Writer

_TRIES = 3


class ChangedMeanwhile(Exception):
    """Another recipient of the message was settled since its notice was written, which is wrong by now."""


@dataclass(frozen=True, slots=True)
class GiveUp(Write):
    """Settle recipients of one message as failed, with a notice about them. Their attempts stay as they are.

    Gives how many they are. Raises ChangedMeanwhile unless all of them wait still.
    """

    ids: tuple[int, ...]
    reply: str
    notice: AcceptMessage | None
    by: str

    @property
    def weight(self) -> int:
        return self.notice.weight if self.notice else 0


def _locks(writes: Sequence[GiveUp]) -> Locks:
    accounts = {copy.account_id for write in writes if write.notice for copy in write.notice.deliveries}
    return Locks(accounts=accounts, recipients={id_ for write in writes for id_ in write.ids})


@applies(GiveUp, needs=_locks)
def apply_give_up(current: Transaction, writes: Sequence[GiveUp]) -> list[int | ChangedMeanwhile]:
    return [_give_up(current, write) for write in writes]


def _give_up(current: Transaction, write: GiveUp) -> int | ChangedMeanwhile:
    places = ", ".join(["%s"] * len(write.ids))
    ((waiting,),) = current.rows(
        f"SELECT count(*) FROM delivery_queuedrecipient WHERE id IN ({places}) AND state = 'waiting'",
        write.ids,
    )
    if waiting != len(write.ids):
        return ChangedMeanwhile(f"{len(write.ids) - waiting} recipients are settled")
    settle(current, write.ids, State.FAILED.value, write.reply)
    events = [Event(id_, Kind.FAILED, write.by) for id_ in write.ids]
    if write.notice is not None and all(put_into_mailboxes(current, [write.notice])):
        events += [Event(id_, Kind.NOTICE, text="of the failure") for id_ in write.ids]
    add_events(current, events)
    return len(write.ids)


def give_up(writer: Writer, notices: Notices, ids: Sequence[int], by: str) -> int:
    """Give those of the recipients up that wait, with one notice for each message; how many they were."""
    given_up = 0
    for _ in range(_TRIES):
        messages: dict[int, list[WaitingRecipient]] = {}
        for recipient in readers.run(load_waiting, ids).result():
            messages.setdefault(recipient.message.id, []).append(recipient)
        changed: list[int] = []
        submitted = [
            (recipients, writer.submit(_write_for(notices, recipients, by)))
            for recipients in messages.values()
        ]
        for recipients, future in submitted:
            try:
                given_up += future.result()
            except ChangedMeanwhile:
                changed += [recipient.id for recipient in recipients]
        if not changed:
            break
        ids = changed
    return given_up


def _write_for(notices: Notices, recipients: Sequence[WaitingRecipient], by: str) -> GiveUp:
    reply = Reply(554, "5.0.0", f"an administrator of {notices.host_name} gave this message up")
    notice = notices.failures(
        recipients[0].message, [_reported(recipient, reply) for recipient in recipients]
    )
    return GiveUp(tuple(recipient.id for recipient in recipients), str(reply), notice, by)


def _reported(recipient: WaitingRecipient, reply: Reply) -> ReportedRecipient:
    """The administrator's word, and what was known before."""
    text = reply.text
    if recipient.last_reply:
        text += f". The last answer before that was: {recipient.last_reply}"
    known = Reply(reply.code, reply.enhanced, text)
    return ReportedRecipient(str(recipient.address), known, remote=False, last_attempt=clock.now())
