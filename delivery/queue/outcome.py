"""What a result means for a recipient: settled, waiting, given up; and who is told."""

from dataclasses import dataclass

from delivery.dsn.report import ReportedRecipient
from delivery.models import State
from delivery.queue.begin import Begun
from delivery.queue.choice import Choice
from delivery.queue.load import WaitingRecipient
from delivery.queue.notices import Notices
from delivery.queue.results import Facts, RecordResult
from delivery.queue.schedule import delay_notice_due
from delivery.queue.tryout import Tryout
from delivery.smtp.client.results import ConnectionFacts, Outcome, RecipientResult
from mail import clock
from mail.configuration.rules.mailboxes import INBOX
from mail.errors import Reply
from mail.store.accept import AcceptMessage
from mail.store.deliver import LocalDelivery

_NEVER_ANSWERED = Reply(451, "4.4.7", "no attempt could be completed before the message expired")


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Turns results into writes. For worker threads."""

    notices: Notices
    tryout: Tryout | None = None

    def of(
        self, recipient: WaitingRecipient, begun: Begun, result: RecipientResult, choice: Choice, token: int
    ) -> RecordResult:
        """The write that records an attempt's result."""
        state, next_due = self._next_state(recipient, begun, result)
        facts = _facts(result, clock.now() - begun.started)
        return RecordResult(
            recipient_id=recipient.id,
            token=token,
            attempt_id=begun.attempt_id,
            state=state,
            reply=result.reply,
            facts=facts,
            next_due=next_due,
            notice=self._notice(recipient, begun, result, state, next_due),
            copies=self._copies(recipient, choice) if state is State.DELIVERED else (),
        )

    def given_up(self, recipient: WaitingRecipient, token: int) -> RecordResult:
        """The write for a recipient that has expired or used up its attempts without a final answer."""
        reply = Reply(451, "4.4.7", recipient.last_reply) if recipient.last_reply else _NEVER_ANSWERED
        now = clock.now()
        reported = ReportedRecipient(str(recipient.address), reply, False, now, gave_up=True)
        return RecordResult(
            recipient_id=recipient.id,
            token=token,
            attempt_id=None,
            state=State.FAILED,
            reply=reply,
            notice=self.notices.failure(recipient, reported),
        )

    def _next_state(
        self, recipient: WaitingRecipient, begun: Begun, result: RecipientResult
    ) -> tuple[State, clock.Moment | None]:
        if result.outcome is Outcome.DELIVERED:
            return State.DELIVERED, None
        gives_up = begun.next_due is None or begun.next_due >= recipient.expires
        if result.outcome is Outcome.PERMANENT or gives_up:
            return State.FAILED, None
        return State.WAITING, begun.next_due

    def _notice(
        self,
        recipient: WaitingRecipient,
        begun: Begun,
        result: RecipientResult,
        state: State,
        next_due: clock.Moment | None,
    ) -> AcceptMessage | None:
        if state is State.DELIVERED:
            return None
        reported = ReportedRecipient(
            address=str(recipient.address),
            reply=result.reply,
            remote=result.remote,
            last_attempt=begun.started,
            host=result.connection.host if result.connection else "",
            gave_up=state is State.FAILED and result.outcome is not Outcome.PERMANENT,
        )
        if state is State.FAILED:
            return self.notices.failure(recipient, reported)
        if next_due is not None and delay_notice_due(begun.number, recipient.maximum_attempts):
            return self.notices.delay(recipient, reported, begun.number, next_due)
        return None

    def _copies(self, recipient: WaitingRecipient, choice: Choice) -> tuple[LocalDelivery, ...]:
        """Where a delivery that stays on this machine goes."""
        if self.tryout is None or choice.transport is not self.tryout.transport:
            return ()
        message = recipient.message
        sender = "" if message.sender is None else str(message.sender)
        prefix = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient.address}\r\n".encode() + message.prefix
        return (LocalDelivery(self.tryout.account_id, INBOX, prefix, sender, str(recipient.address)),)


def _facts(result: RecipientResult, duration: int) -> Facts:
    connection = result.connection
    if connection is None:
        return Facts(stage=result.stage.value, duration=duration)
    return Facts(connection.host, connection.ip, _tls(connection), result.stage.value, duration)


def _tls(connection: ConnectionFacts) -> str:
    if connection.tls is None:
        return ""
    return f"{connection.tls.version} {'verified' if connection.tls.verified else 'not verified'}"
