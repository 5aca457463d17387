"""Rows of the queue as lines of text."""

from collections.abc import Iterator

from delivery.models import Attempt, QueuedRecipient
from mail import clock
from mail.addresses.address import Address


def recipient_line(row: QueuedRecipient) -> str:
    """One recipient: who, from whom, where it stands, what was answered last."""
    message = row.message
    sender = Address(message.sender_localpart, message.sender_domain) if message.sender_domain else "<>"
    state = "held" if row.held and row.due is not None else str(row.state)
    due = f" next attempt {moment_text(row.due)}" if row.due is not None else ""
    reply = f"  last answer: {row.last_reply}" if row.last_reply else ""
    recipient = Address(row.localpart, row.domain)
    return f"{row.id}  {recipient}  from {sender}  {state}, {row.attempts} attempts{due}{reply}"


def attempt_lines(row: QueuedRecipient) -> Iterator[str]:
    """One line for each attempt, oldest first."""
    for attempt in row.attempt_log.all():
        where = " ".join(part for part in (attempt.host, attempt.ip, attempt.tls) if part)
        reply = " ".join(part for part in (str(attempt.code or ""), attempt.enhanced, attempt.text) if part)
        yield (
            f"{moment_text(attempt.started)}  attempt {attempt.number}  {attempt.rule} → "
            f"{attempt.transport or 'direct'}  {where}  {attempt.duration / clock.SECOND:.2f} s  "
            f"{Attempt.Outcome(attempt.outcome).label}: {reply}"
        )


def moment_text(moment: clock.Moment) -> str:
    """Date and time in UTC, to the second."""
    return clock.as_datetime(moment).strftime("%Y-%m-%d %H:%M:%SZ")
