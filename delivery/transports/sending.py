"""Sending mails over sessions with one host: transactions until every recipient has a result."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from delivery.smtp.client.results import ConnectionFacts, Outcome, RecipientResult, TransactionResult
from delivery.smtp.client.session import Session, leave
from delivery.smtp.client.transaction import send_message
from delivery.transports.dialing import Host
from delivery.transports.group import HostTry, Mail
from delivery.transports.undelivered import Undelivered
from mail import clock

log = logging.getLogger(__name__)

OpenSession = Callable[[Host], Awaitable[Session]]
"""Connects to a host and brings the session to where MAIL can follow. Raises DeliveryFailure."""


async def send_to_host(
    host: Host, open_session: OpenSession, undelivered: Undelivered, *, require_eight_bit: bool
) -> None:
    """Give all open recipients to one host, over as few connections as it allows.

    Failures are noted in `undelivered`, not raised.
    """
    waiting = undelivered.mails()
    while waiting:
        started = clock.monotonic()
        try:
            session = await open_session(host)
        except DeliveryFailure as failure:
            undelivered.tried(HostTry(host.name, host.port, failure.ip, failure, clock.monotonic() - started))
            undelivered.fail(failure, ConnectionFacts(host.name, failure.ip, host.port))
            _log_failure(host, failure)
            return
        seconds = clock.monotonic() - started
        undelivered.tried(HostTry(host.name, host.port, session.facts.ip, None, seconds))
        waiting = await _send_mails(session, waiting, undelivered, require_eight_bit=require_eight_bit)


async def _send_mails(
    session: Session, mails: list[Mail], undelivered: Undelivered, *, require_eight_bit: bool
) -> list[Mail]:
    """Use one session; return the mails that it closed too early for. At least one mail gets results."""
    limit = session.extensions.mailmax or len(mails)
    try:
        async with asyncio.timeout(session.timeouts.session):
            for number, mail in enumerate(mails):
                if number >= limit or not session.usable:
                    return mails[number:]
                fresh = number == 0
                if not await _send_mail(session, mail, undelivered, require_eight_bit, fresh=fresh):
                    return mails[number:]
    except TimeoutError:
        text = f"the session took longer than {session.timeouts.session:g} s"
        undelivered.fail(local_failure(session.stage, 451, "4.4.2", text), session.facts)
        return []
    finally:
        leave(session)
    return []


async def _send_mail(
    session: Session, mail: Mail, undelivered: Undelivered, require_eight_bit: bool, *, fresh: bool
) -> bool:
    """One mail in as many transactions as its recipients need. False: not begun, the connection was over."""
    recipients = undelivered.recipients(mail)
    while recipients and session.usable:
        result = await send_message(session, mail.message, recipients, require_eight_bit=require_eight_bit)
        if not fresh and _closed_before(result):
            return False
        fresh = True
        again = [each.address for each in result.recipients if each.outcome is Outcome.AGAIN]
        if not result.usable:
            again = []
        undelivered.note(mail, [_final(each) for each in result.recipients if each.address not in again])
        if any(_may_have_arrived(each) for each in result.recipients):
            undelivered.unknown_outcome(mail)
        recipients = again
    return True


def _closed_before(result: TransactionResult) -> bool:
    """Whether the server had ended the connection before it heard of this mail.

    Servers close after some messages or some idle time; that says nothing about the next mail.
    """
    return not result.usable and all(
        each.stage is Stage.MAIL and each.outcome is Outcome.TEMPORARY for each in result.recipients
    )


def _final(result: RecipientResult) -> RecipientResult:
    """A recipient that no further transaction over this connection can take has to wait."""
    if result.outcome is not Outcome.AGAIN:
        return result
    return RecipientResult(
        result.address, Outcome.TEMPORARY, result.reply, result.remote, result.stage, result.connection
    )


def _may_have_arrived(result: RecipientResult) -> bool:
    return result.stage is Stage.END and result.outcome is Outcome.TEMPORARY and not result.remote


def _log_failure(host: Host, failure: DeliveryFailure) -> None:
    fields = {
        "host": host.name,
        "port": host.port,
        "stage": failure.stage.value,
        "reply": str(failure.public),
        "cause": failure.cause,
    }
    log.info("host takes no mail", extra={"fields": fields})
