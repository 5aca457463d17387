"""The fields that are put before a message: where it came from and whom it is for."""

from delivery.smtp.server.backend import Transaction
from mail import clock
from mail.addresses.address import Address
from mail.errors import MailError
from mail.mime.generate import Reception, received_field
from mail.mime.headers import HeaderBlock
from mail.tls.engine import TlsInfo

MOST_HOPS = 100
"""Received fields of a message that is not going round in circles (RFC 5321 section 6.3)."""


def received(
    transaction: Transaction, hostname: str, message_id: str, moment: clock.Moment, client_name: str = ""
) -> bytes:
    """Our Received field. It names the recipient only when there is no other (RFC 5321 section 7.2).

    `client_name` is a name of the client in the DNS that leads back to it.
    """
    session, recipients = transaction.session, transaction.recipients
    reception = Reception(
        helo=session.ehlo_name,
        client_ip=session.remote_address,
        client_name=client_name,
        host=hostname,
        session_id=message_id,
        received=moment,
        extended=session.extended,
        tls=tls_text(session.tls),
        authenticated=session.identity is not None,
        utf8=transaction.smtputf8,
        recipient=str(recipients[0]) if len(recipients) == 1 else "",
    )
    return received_field(reception)


def delivery_fields(sender: Address | None, recipient: Address) -> bytes:
    """Return-Path and Delivered-To of one copy; the recipient is the one that the client named."""
    return f"Return-Path: <{sender or ''}>\r\nDelivered-To: {recipient}\r\n".encode()


def tls_text(tls: TlsInfo | None) -> str:
    """Version and cipher; empty in the clear."""
    return f"{tls.version} {tls.cipher}" if tls is not None else ""


def refuse_circling(header: HeaderBlock) -> None:
    """Raises MailError when the message has come through too many servers."""
    if len(header.get_all("received")) > MOST_HOPS:
        raise MailError(554, "5.4.6", f"the message has passed more than {MOST_HOPS} servers: a mail loop")
