"""Reports of the cast's mishaps, and how a mail program reads them."""

import email
import email.policy
from email.message import EmailMessage, Message

from delivery.dsn.report import Report, ReportedRecipient
from mail import clock
from mail.errors import Reply

ARRIVAL = 1_795_000_000 * clock.SECOND
LAST_ATTEMPT = ARRIVAL + clock.HOUR
HEADER = b"From: alice@example.org\r\nSubject: hello\r\nMessage-ID: <1@example.org>\r\n"


def recipient(
    address: str = "carol@remote.example",
    reply: Reply = Reply(550, "5.1.1", "no such user"),  # noqa: B008
    *,
    remote: bool = True,
    host: str = "mx.remote.example",
    gave_up: bool = False,
) -> ReportedRecipient:
    return ReportedRecipient(address, reply, remote, LAST_ATTEMPT, host if remote else "", gave_up)


def report(
    *recipients: ReportedRecipient,
    sender: str = "alice@example.org",
    message_id: str = "<1@example.org>",
    header: bytes = HEADER + b"\r\nbody is never sent back\r\n",
    smtputf8: bool = False,
) -> Report:
    return Report(
        "mail.example.org", sender, recipients or (recipient(),), ARRIVAL, message_id, header, smtputf8
    )


def parse(wire: bytes) -> EmailMessage:
    """The notification as the standard library sees it, which finds no defect in what we made."""
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(wire, policy=email.policy.SMTPUTF8)
    assert isinstance(message, EmailMessage)
    for part in (message, *message.iter_parts()):
        assert part.defects == []
    return message


def parts(message: EmailMessage) -> tuple[EmailMessage, EmailMessage, EmailMessage]:
    """Text, status and header."""
    text, status, header = message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(status, EmailMessage)
    assert isinstance(header, EmailMessage)
    return text, status, header


def blocks(status: EmailMessage) -> list[Message]:
    """The blocks of a delivery-status part: the message's, then one for each recipient."""
    payload = status.get_payload()
    assert isinstance(payload, list)
    return [block for block in payload if isinstance(block, Message)]
