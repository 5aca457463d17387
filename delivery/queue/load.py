"""Reading what an attempt needs to know of its recipients and their messages."""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from mail import clock
from mail.addresses.address import Address
from mail.store.layout import chunk_id

AT_HAND = 64 * 1024
"""Content up to this many bytes is read along; what is larger is streamed."""

_NOWHERE: Mapping[str, Sequence[str]] = {}


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
    """A leased recipient as it is now. `demanded` is the transport that an admin set, if any.

    `tls_demand` is a TlsDemand. `dialled` has, by host, the addresses that took a connection in earlier
    attempts, the last one last.
    """

    id: int
    message: WaitingMessage
    address: Address
    attempts: int
    maximum_attempts: int
    expires: clock.Moment
    demanded: str
    last_reply: str
    tls_demand: str = ""
    dialled: Mapping[str, Sequence[str]] = field(default_factory=dict)


_QUERY = """
    SELECT q.id, q.localpart, q.domain, q.attempts, q.maximum_attempts, q.expires, q.transport, q.last_reply,
           m.id, m.account_id, m.sender_localpart, m.sender_domain, m.content_id, m.prefix, m.size,
           m.eight_bit, m.smtputf8, m.subject, m.message_id, m.accepted, c.size, q.tls_demand, q.dialled
    FROM delivery_queuedrecipient q
    JOIN delivery_queuedmessage m ON m.id = q.message_id
    JOIN mail_content c ON c.id = m.content_id
    WHERE q.id IN ({places}) AND q.state = 'waiting' {condition}
    ORDER BY q.id
"""


def load_recipients(ids: Sequence[int], token: int) -> list[WaitingRecipient]:
    """The recipients of `ids` that are still leased with `token`, in id order. Reads the database."""
    places = ", ".join(["%s"] * len(ids))
    leased = "AND q.lease_token = %s AND NOT q.held"
    return _recipients(_rows(_QUERY.format(places=places, condition=leased), [*ids, token]))


def load_waiting(ids: Sequence[int]) -> list[WaitingRecipient]:
    """Those recipients of `ids` that wait, whoever has them leased and held or not. Reads the database."""
    places = ", ".join(["%s"] * len(ids))
    return _recipients(_rows(_QUERY.format(places=places, condition=""), ids))


def _recipients(rows: Sequence[Sequence[Any]]) -> list[WaitingRecipient]:
    small = _small_contents({row[12] for row in rows if row[20] <= AT_HAND})
    messages = {row[8]: _message(row[8:20], small) for row in rows}
    return [
        WaitingRecipient(
            id=row[0],
            message=messages[row[8]],
            address=Address(row[1], row[2]),
            attempts=row[3],
            maximum_attempts=row[4],
            expires=row[5],
            demanded=row[6],
            last_reply=row[7],
            tls_demand=row[21],
            dialled=_NOWHERE if row[22] == "{}" else json.loads(row[22]),
        )
        for row in rows
    ]


def _small_contents(contents: Set[int]) -> dict[int, bytes]:
    if not contents:
        return {}
    wanted = {chunk_id(content, 0): content for content in contents}
    places = ", ".join(["%s"] * len(wanted))
    rows = _rows(f"SELECT id, data FROM mail_chunk WHERE id IN ({places})", list(wanted))
    return {wanted[chunk]: bytes(data) for chunk, data in rows}


def _message(columns: Sequence[Any], small: Mapping[int, bytes]) -> WaitingMessage:
    id_, account, localpart, domain, content, prefix, size, eight_bit, smtputf8, *header = columns
    subject, message_id, accepted = header
    return WaitingMessage(
        id=id_,
        account_id=account,
        sender=Address(localpart, domain) if localpart or domain else None,
        content_id=content,
        content=small.get(content),
        prefix=bytes(prefix),
        size=size,
        eight_bit=bool(eight_bit),
        smtputf8=bool(smtputf8),
        subject=subject,
        message_id=message_id,
        accepted=accepted,
    )


def _rows(sql: str, parameters: Sequence[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
