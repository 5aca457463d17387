"""From rows of the queue to what a transport sends."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from delivery.queue.load import WaitingMessage, WaitingRecipient
from delivery.smtp.client.message import ContentSource, OutgoingMessage
from delivery.transports.group import Group, Mail, RecipientKey
from mail.store import readers
from mail.store.contents import ContentMissing, read_chunk
from mail.store.layout import CHUNK_SIZE


def group_of(recipients: Sequence[WaitingRecipient]) -> Group:
    """The mails of these recipients: one for each message. Its key is the message's id."""
    messages: dict[int, list[WaitingRecipient]] = {}
    for recipient in recipients:
        messages.setdefault(recipient.message.id, []).append(recipient)
    return Group(tuple(_mail(key, rows) for key, rows in messages.items()))


def _mail(key: int, rows: Sequence[WaitingRecipient]) -> Mail:
    """The recipients share connections: the one that was attempted most often stands for all."""
    longest_waiting = max(rows, key=lambda row: row.attempts)
    return Mail(
        key,
        _outgoing(rows[0].message),
        tuple(dict.fromkeys(str(row.address) for row in rows)),
        tls_demand=rows[0].tls_demand,
        earlier=longest_waiting.dialled,
        attempt=longest_waiting.attempts + 1,
    )


def key_of(recipient: WaitingRecipient) -> RecipientKey:
    """Under which key a group's result has what came of this recipient."""
    return recipient.message.id, str(recipient.address)


def _outgoing(message: WaitingMessage) -> OutgoingMessage:
    return OutgoingMessage(
        sender="" if message.sender is None else str(message.sender),
        content=_source(message),
        size=message.size,
        prefix=message.prefix,
        eight_bit=message.eight_bit,
        smtputf8=message.smtputf8,
    )


def _source(message: WaitingMessage) -> ContentSource:
    async def chunks() -> AsyncIterator[bytes]:
        if message.content is not None:
            yield message.content
            return
        position = sent = 0
        data: bytes | None = b""
        while sent + len(message.prefix) < message.size:
            data = await asyncio.wrap_future(readers.run(read_chunk, message.content_id, position))
            if data is None:
                raise ContentMissing(f"content {message.content_id} ends after {sent} bytes")
            yield data
            sent, position = sent + len(data), position + 1
            if len(data) < CHUNK_SIZE:
                break

    return chunks
