"""Rows of the queue as lines of text."""

from collections.abc import Iterator

from delivery.models import Attempt, HoldRule, QueuedRecipient, QueueEvent, Suppression
from mail import clock
from mail.addresses.address import Address
from mail.mime.encoded_words import clean_text

LONGEST_REPLY = 300
"""Characters of a server's answer in a list; a timeline shows all of it."""


def recipient_line(row: QueuedRecipient) -> str:
    """One recipient: who, from whom, where it stands, what was answered last."""
    message = row.message
    sender = Address(message.sender_localpart, message.sender_domain) if message.sender_domain else "<>"
    due = f" next attempt {moment_text(row.due)}" if row.due is not None else ""
    demands = "".join(
        f"  {name} {value}"
        for name, value in (("transport", row.transport), ("tls", row.tls_demand))
        if value
    )
    reply = f"  last answer: {clean_text(row.last_reply, LONGEST_REPLY)}" if row.last_reply else ""
    recipient = Address(row.localpart, row.domain)
    return (
        f"{row.id}  {recipient}  from {sender}  {_state(row)}, {row.attempts} attempts{due}{demands}{reply}"
    )


def _state(row: QueuedRecipient) -> str:
    if not row.held or row.due is None:
        return str(row.state)
    until = f"until {moment_text(row.held_until)}" if row.held_until is not None else ""
    why = ", ".join(part for part in (row.hold_reason, until) if part)
    return f"held ({why})" if why else "held"


def timeline_lines(row: QueuedRecipient) -> Iterator[str]:
    """One line for each attempt and each other thing that happened, oldest first."""
    lines = [(attempt.started, _attempt_line(attempt)) for attempt in row.attempt_log.all()]
    lines += [(event.moment, _event_line(event)) for event in row.events.all()]
    for moment, line in sorted(lines, key=lambda each: each[0]):
        yield f"{moment_text(moment)}  {line}"


def _attempt_line(attempt: Attempt) -> str:
    where = " ".join(part for part in (attempt.host, attempt.ip, attempt.tls) if part)
    text = clean_text(attempt.text, len(attempt.text))
    reply = " ".join(part for part in (str(attempt.code or ""), attempt.enhanced, text) if part)
    return (
        f"attempt {attempt.number}  {attempt.rule} → {attempt.transport or 'direct'}  {where}  "
        f"{attempt.duration / clock.SECOND:.2f} s  {Attempt.Outcome(attempt.outcome).label}: {reply}"
    )


def _event_line(event: QueueEvent) -> str:
    text = f" {event.text}" if event.text else ""
    return f"{QueueEvent.Kind(event.kind).label}{text}{f'  by {event.by}' if event.by else ''}"


def hold_rule_line(rule: HoldRule, what: str) -> str:
    """One hold rule; `what` says what it holds."""
    until = f"  until {moment_text(rule.until)}" if rule.until is not None else ""
    by = f"  by {rule.created_by}" if rule.created_by else ""
    reason = f"  {rule.reason}" if rule.reason else ""
    return f"{rule.pk}  {what}{reason}{until}  since {moment_text(rule.created)}{by}"


def suppression_line(entry: Suppression) -> str:
    """One suppressed address."""
    origin = "automatic" if entry.automatic else "by hand"
    reason = f"  {entry.reason}" if entry.reason else ""
    return f"{entry.account.name}  {entry.address}  {origin} {moment_text(entry.created)}{reason}"


def moment_text(moment: clock.Moment) -> str:
    """Date and time in UTC, to the second."""
    return clock.as_datetime(moment).strftime("%Y-%m-%d %H:%M:%SZ")
