"""Putting a submitted message into the queue, in the commit that accepts it."""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.models import State
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


def lane_of(domain: str, transport: str = "") -> str:
    """The lane of a recipient: the transport that an admin demanded, otherwise the recipient domain."""
    return f"transport {transport}" if transport else domain


@uses_content(Outgoing)
def enqueue(current: Transaction, users: Sequence[tuple[int, Outgoing]]) -> None:
    rows = list(zip(current.ids(len(users)), users, strict=True))
    current.insert(
        "delivery_queuedmessage",
        "id, account_id, login, session, remote_ip, tls, accepted, sender_localpart, sender_domain, "
        "content_id, prefix, size, eight_bit, smtputf8, subject, message_id",
        [(row, *_message_columns(content, message)) for row, (content, message) in rows],
    )
    recipients = [(row, message, recipient) for row, (_, message) in rows for recipient in message.recipients]
    current.insert(
        "delivery_queuedrecipient",
        "id, message_id, localpart, domain, lane, state, due, held, attempts, maximum_attempts, expires, "
        "transport, lease_token, lease_until, settled, last_reply, local_account",
        [
            (id_, row, *_recipient_columns(message, recipient))
            for id_, (row, message, recipient) in zip(current.ids(len(recipients)), recipients, strict=True)
        ],
    )


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


def _recipient_columns(message: Outgoing, recipient: OutgoingRecipient) -> tuple[object, ...]:
    local = recipient.local_account
    lifetime = sum(remaining_delays(0, recipient.maximum_attempts)) + EXPIRY_GRACE
    return (
        recipient.address.localpart,
        recipient.address.domain,
        lane_of(recipient.address.domain),
        (State.DELIVERED if local else State.WAITING).value,
        None if local else message.accepted,
        False,
        0,
        recipient.maximum_attempts,
        message.accepted + lifetime,
        "",
        0,
        0,
        message.accepted if local else None,
        "250 2.0.0 delivered to a mailbox of this server" if local else "",
        local,
    )
