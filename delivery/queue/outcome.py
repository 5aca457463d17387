"""What a result means for a recipient: settled, waiting, given up; and who is told."""

from dataclasses import dataclass
from email.utils import format_datetime

from delivery.dsn.report import ReportedRecipient
from delivery.models import State
from delivery.queue.begin import Begun
from delivery.queue.choice import Choice
from delivery.queue.events import Event, Kind
from delivery.queue.load import WaitingRecipient
from delivery.queue.notices import Notices
from delivery.queue.notifying import Delay, Telling, Told
from delivery.queue.results import Facts, RecordResult
from delivery.queue.schedule import delay_notice_due
from delivery.queue.suppress_automatic import suppression_after
from delivery.queue.suppressing import Suppressed
from delivery.queue.tryout import Tryout
from delivery.queue.way import NO_WAY, Way
from delivery.smtp.client.results import ConnectionFacts, Outcome, RecipientResult
from mail import clock
from mail.configuration.rules.mailboxes import INBOX
from mail.errors import Reply
from mail.store.deliver import LocalDelivery

_NEVER_ANSWERED = Reply(451, "4.4.7", "no attempt could be completed before the message expired")


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Turns results into what is recorded. For worker threads."""

    notices: Notices
    tryout: Tryout | None = None

    def of(
        self,
        recipient: WaitingRecipient,
        begun: Begun,
        result: RecipientResult,
        choice: Choice,
        token: int,
        way: Way = NO_WAY,
    ) -> Told:
        """What is recorded and told of an attempt's result."""
        state, next_due = self._next_state(recipient, begun, result)
        facts = _facts(result, clock.now() - begun.started)
        suppression = suppression_after(recipient, result) if state is State.FAILED else None
        record = RecordResult(
            recipient_id=recipient.id,
            token=token,
            attempt_id=begun.attempt_id,
            state=state,
            reply=result.reply,
            facts=facts,
            next_due=next_due,
            copies=self._copies(recipient, choice) if state is State.DELIVERED else (),
            way=way,
            events=(Event(recipient.id, Kind.SUPPRESSED, text="from now on"),) if suppression else (),
            suppression=suppression,
        )
        return record, _telling(recipient, begun, result, state, next_due)

    def needs_reading(self, result: RecipientResult) -> bool:
        """Whether `of` may read from the database for this result: somebody may have to be told."""
        return result.outcome is not Outcome.DELIVERED

    def given_up(self, recipient: WaitingRecipient, token: int) -> Told:
        """What is recorded for one that expired or used up its attempts without a final answer."""
        reply = Reply(451, "4.4.7", recipient.last_reply) if recipient.last_reply else _NEVER_ANSWERED
        return self._settled_here(recipient, token, reply, (), gave_up=True)

    def suppressed(self, recipient: WaitingRecipient, token: int, entry: Suppressed) -> Told:
        """What is recorded for a recipient to whom its account does not send any more."""
        since = format_datetime(clock.as_datetime(entry.since))
        text = (
            f"{recipient.address} is on the suppression list of your account since {since}"
            f"{f', because {entry.reason}' if entry.reason else ''}. Nothing was sent. To write to it again, "
            "remove it from the list: on your account page under “Suppressed addresses”, or ask whoever "
            f"runs {self.notices.host_name}."
        )
        event = Event(recipient.id, Kind.SUPPRESSED, text=entry.reason)
        return self._settled_here(recipient, token, Reply(550, "5.7.0", text), (event,), gave_up=False)

    def _settled_here(
        self,
        recipient: WaitingRecipient,
        token: int,
        reply: Reply,
        events: tuple[Event, ...],
        *,
        gave_up: bool,
    ) -> Told:
        """A recipient that fails without an attempt."""
        reported = ReportedRecipient(str(recipient.address), reply, False, clock.now(), gave_up=gave_up)
        record = RecordResult(
            recipient_id=recipient.id,
            token=token,
            attempt_id=None,
            state=State.FAILED,
            reply=reply,
            events=events,
        )
        return record, Telling(recipient, reported)

    def _next_state(
        self, recipient: WaitingRecipient, begun: Begun, result: RecipientResult
    ) -> tuple[State, clock.Moment | None]:
        if result.outcome is Outcome.DELIVERED:
            return State.DELIVERED, None
        gives_up = begun.next_due is None or begun.next_due >= recipient.expires
        if result.outcome is Outcome.PERMANENT or gives_up:
            return State.FAILED, None
        return State.WAITING, begun.next_due

    def _copies(self, recipient: WaitingRecipient, choice: Choice) -> tuple[LocalDelivery, ...]:
        """Where a delivery that stays on this machine goes."""
        if self.tryout is None or choice.transport is not self.tryout.transport:
            return ()
        message = recipient.message
        sender = "" if message.sender is None else str(message.sender)
        prefix = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient.address}\r\n".encode() + message.prefix
        return (LocalDelivery(self.tryout.account_id, INBOX, prefix, sender, str(recipient.address)),)


def _telling(
    recipient: WaitingRecipient,
    begun: Begun,
    result: RecipientResult,
    state: State,
    next_due: clock.Moment | None,
) -> Telling | None:
    delay = None
    if state is State.DELIVERED:
        return None
    if state is State.WAITING:
        if next_due is None or not delay_notice_due(begun.number, recipient.maximum_attempts):
            return None
        delay = Delay(begun.number, next_due)
    reported = ReportedRecipient(
        address=str(recipient.address),
        reply=result.reply,
        remote=result.remote,
        last_attempt=begun.started,
        host=result.connection.host if result.connection else "",
        gave_up=state is State.FAILED and result.outcome is not Outcome.PERMANENT,
        ip=result.connection.ip if result.connection else "",
    )
    return Telling(recipient, reported, delay)


def _facts(result: RecipientResult, duration: int) -> Facts:
    connection = result.connection
    if connection is None:
        return Facts(stage=result.stage.value, duration=duration)
    return Facts(connection.host, connection.ip, _tls(connection), result.stage.value, duration)


def _tls(connection: ConnectionFacts) -> str:
    if connection.tls is None:
        return ""
    return f"{connection.tls.version} {'verified' if connection.tls.verified else 'not verified'}"
