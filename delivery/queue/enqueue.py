"""Putting a submitted message into the queue, in the commit that accepts it."""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.models import State, TlsDemand
from delivery.outgoing_limits.check import check_limits, record_messages
from delivery.queue.events import Event, Kind, add_events
from delivery.queue.future_release import Release
from delivery.queue.holding import HoldingRule, first_match, holding_rules
from delivery.queue.schedule import DEFAULT_MAXIMUM_ATTEMPTS, remaining_delays
from mail import clock
from mail.addresses.address import Address
from mail.store.accept import ContentUser, uses_content
from mail.store.write import Transaction

EXPIRY_GRACE = clock.DAY
"""How much later than its last planned attempt a message expires: workers may have been away."""


@dataclass(frozen=True, slots=True)
class OutgoingRecipient:
    """A recipient of a submitted message. With `local_account` it is delivered here in the same commit."""

    address: Address
    local_account: str = ""
    maximum_attempts: int = DEFAULT_MAXIMUM_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Outgoing(ContentUser):
    """A message that an account submitted: what the queue and the sent page keep of it."""

    account_id: int
    login: str
    session: str
    remote_ip: str
    tls: str
    accepted: clock.Moment
    sender: Address | None
    prefix: bytes
    size: int
    eight_bit: bool
    smtputf8: bool
    subject: str
    message_id: str
    recipients: tuple[OutgoingRecipient, ...]
    tls_demand: str = TlsDemand.NONE.value
    """What the sender demands of the way to all recipients."""
    release: Release | None = None
    """When the sender wants it to leave; None for at once."""

    @property
    def locked_accounts(self) -> tuple[int, ...]:
        """The sender's, whose limits count."""
        return (self.account_id,)

    @property
    def addressed(self) -> tuple[Address, ...]:
        """Its recipients, local ones too."""
        return tuple(recipient.address for recipient in self.recipients)


def lane_of(domain: str, transport: str = "") -> str:
    """The lane of a recipient: the transport that an admin demanded, otherwise the recipient domain."""
    return f"transport {transport}" if transport else domain


def expiry_after(moment: clock.Moment, attempts_made: int, maximum_attempts: int) -> clock.Moment:
    """When a recipient expires whose next attempt is at `moment`."""
    return moment + sum(remaining_delays(attempts_made, maximum_attempts)) + EXPIRY_GRACE


@uses_content(Outgoing, check=check_limits)
def enqueue(current: Transaction, users: Sequence[tuple[int, Outgoing]]) -> None:
    rows = list(zip(current.ids(len(users)), users, strict=True))
    current.insert(
        "delivery_queuedmessage",
        "id, account_id, login, session, remote_ip, tls, accepted, sender_localpart, sender_domain, "
        "content_id, prefix, size, eight_bit, smtputf8, subject, message_id",
        [(row, *_message_columns(content, message)) for row, (content, message) in rows],
    )
    recipients = [(row, message, recipient) for row, (_, message) in rows for recipient in message.recipients]
    numbered = list(zip(current.ids(len(recipients)), recipients, strict=True))
    holds = _holds(current, numbered)
    current.insert(
        "delivery_queuedrecipient",
        "id, message_id, localpart, domain, lane, state, due, held, attempts, maximum_attempts, expires, "
        "transport, lease_token, lease_until, settled, last_reply, local_account, tls_demand, hold_reason, "
        "held_until",
        [
            (id_, row, *_recipient_columns(message, recipient, holds.get(id_)))
            for id_, (row, message, recipient) in numbered
        ],
    )
    add_events(current, [Event(id_, Kind.HELD, text=rule.hold_reason) for id_, rule in holds.items()])
    add_events(current, _releases(numbered))
    record_messages(current, [message for _, message in users])


_Numbered = Sequence[tuple[int, tuple[int, Outgoing, OutgoingRecipient]]]


def _holds(current: Transaction, recipients: _Numbered) -> dict[int, HoldingRule]:
    """The rule that holds a recipient from the start, by the recipient's id."""
    rules = holding_rules(current)
    if not rules:
        return {}
    found = {}
    for id_, (_, message, recipient) in recipients:
        sender = message.sender.domain if message.sender else ""
        rule = first_match(rules, message.account_id, sender, recipient.address.domain)
        if rule is not None and not recipient.local_account:
            found[id_] = rule
    return found


def _releases(recipients: _Numbered) -> list[Event]:
    return [
        Event(id_, Kind.RESCHEDULED, text=message.release.text)
        for id_, (_, message, recipient) in recipients
        if message.release is not None and not recipient.local_account
    ]


def _message_columns(content: int, message: Outgoing) -> tuple[object, ...]:
    sender = message.sender
    all_local = all(recipient.local_account for recipient in message.recipients)
    return (
        message.account_id,
        message.login,
        message.session,
        message.remote_ip,
        message.tls,
        message.accepted,
        sender.localpart if sender else "",
        sender.domain if sender else "",
        None if all_local else content,
        message.prefix,
        message.size,
        message.eight_bit,
        message.smtputf8,
        message.subject,
        message.message_id,
    )


def _recipient_columns(
    message: Outgoing, recipient: OutgoingRecipient, hold: HoldingRule | None
) -> tuple[object, ...]:
    local = recipient.local_account
    due = message.accepted if message.release is None else max(message.accepted, message.release.moment)
    return (
        recipient.address.localpart,
        recipient.address.domain,
        lane_of(recipient.address.domain),
        (State.DELIVERED if local else State.WAITING).value,
        None if local else due,
        hold is not None,
        0,
        recipient.maximum_attempts,
        expiry_after(due, 0, recipient.maximum_attempts),
        "",
        0,
        0,
        message.accepted if local else None,
        "250 2.0.0 delivered to a mailbox of this server" if local else "",
        local,
        message.tls_demand,
        hold.hold_reason if hold else "",
        hold.until if hold else None,
    )
