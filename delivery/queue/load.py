"""Reading what an attempt needs to know of its recipients and their messages."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from delivery.models import QueuedMessage, QueuedRecipient
from mail import clock
from mail.addresses.address import Address
from mail.models import Chunk
from mail.store.layout import chunk_id

AT_HAND = 64 * 1024
"""Content up to this many bytes is read along; what is larger is streamed."""


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message with recipients to be attempted. `content` is its content if that is small."""

    id: int
    account_id: int | None
    sender: Address | None
    content_id: int
    content: bytes | None
    prefix: bytes
    size: int
    eight_bit: bool
    smtputf8: bool
    subject: str
    message_id: str
    accepted: clock.Moment


@dataclass(frozen=True, slots=True)
class WaitingRecipient:
    """A leased recipient as it is now. `demanded` is the transport that an admin set, if any."""

    id: int
    message: WaitingMessage
    address: Address
    attempts: int
    maximum_attempts: int
    expires: clock.Moment
    demanded: str
    last_reply: str


def load_recipients(ids: Sequence[int], token: int) -> list[WaitingRecipient]:
    """The recipients of `ids` that are still leased with `token`, in id order. Reads the database."""
    rows = QueuedRecipient.objects.filter(id__in=ids, lease_token=token, state="waiting", held=False)
    found = list(rows.select_related("message", "message__content").order_by("id"))
    small = _small_contents({row.message for row in found})
    messages = {row.message_id: _message(row.message, small) for row in found}
    return [
        WaitingRecipient(
            id=row.id,
            message=messages[row.message_id],
            address=Address(row.localpart, row.domain),
            attempts=row.attempts,
            maximum_attempts=row.maximum_attempts,
            expires=row.expires,
            demanded=row.transport,
            last_reply=row.last_reply,
        )
        for row in found
    ]


def _small_contents(messages: set[QueuedMessage]) -> dict[int, bytes]:
    wanted = {
        chunk_id(message.content.id, 0): message.content.id
        for message in messages
        if message.content is not None and message.content.size <= AT_HAND
    }
    found: dict[int, bytes] = defaultdict(bytes)
    for chunk in Chunk.objects.filter(id__in=wanted):
        found[wanted[chunk.id]] = bytes(chunk.data)
    return found


def _message(row: QueuedMessage, small: dict[int, bytes]) -> WaitingMessage:
    assert row.content is not None, "a message with waiting recipients keeps its content"
    has_sender = row.sender_localpart or row.sender_domain
    return WaitingMessage(
        id=row.id,
        account_id=row.account_id,
        sender=Address(row.sender_localpart, row.sender_domain) if has_sender else None,
        content_id=row.content.id,
        content=small.get(row.content.id),
        prefix=bytes(row.prefix),
        size=row.size,
        eight_bit=row.eight_bit,
        smtputf8=row.smtputf8,
        subject=row.subject,
        message_id=row.message_id,
        accepted=row.accepted,
    )
