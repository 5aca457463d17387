"""A transaction that stops before the message: MAIL, RCPT and RSET tell whether the server would take it."""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.smtp.client.failure import DeliveryFailure, Stage, refused
from delivery.smtp.client.message import OutgoingMessage
from delivery.smtp.client.requirements import mail_parameters
from delivery.smtp.client.results import Outcome, RecipientResult, TransactionResult, failed
from delivery.smtp.client.session import Session
from mail.errors import Reply

READY = Reply(250, "2.0.0", "ready for mail")


@dataclass(frozen=True, slots=True)
class Rehearsal(OutgoingMessage):
    """A message that no server ever gets: DATA is not sent for it.

    With `envelope` the server hears sender and recipients; otherwise having a session is all.
    """

    envelope: bool = True


async def rehearse(session: Session, message: Rehearsal, recipients: Sequence[str]) -> TransactionResult:
    """A result for each recipient: delivered stands for a server that would go on. Nothing is raised."""
    results: tuple[RecipientResult, ...]
    try:
        replies = await _envelope(session, message, recipients) if message.envelope else {}
        results = tuple(_result(session, each, replies.get(each, READY)) for each in recipients)
    except DeliveryFailure as failure:
        results = tuple(failed(each, failure, session.facts) for each in recipients)
    return TransactionResult(results, session.facts, session.usable)


async def _envelope(session: Session, message: Rehearsal, recipients: Sequence[str]) -> dict[str, Reply]:
    """The reply to each RCPT. Raises DeliveryFailure when the sender is refused or the connection ends."""
    parameters = mail_parameters(message, recipients, session.extensions)
    mail = await session.command(Stage.MAIL, " ".join([f"MAIL FROM:<{message.sender}>", *parameters]))
    if mail.code != 250:
        raise refused(Stage.MAIL, mail)
    session.transaction_open = True
    replies = {each: await session.command(Stage.RCPT, f"RCPT TO:<{each}>") for each in recipients}
    if (await session.command(Stage.RCPT, "RSET")).code == 250:
        session.transaction_open = False
    return replies


def _result(session: Session, address: str, reply: Reply) -> RecipientResult:
    if reply.code // 100 == 2:
        return RecipientResult(address, Outcome.DELIVERED, reply, True, Stage.RCPT, session.facts)
    return failed(address, refused(Stage.RCPT, reply), session.facts)
