"""When an answer puts an address onto the suppression list of the account that wrote to it."""

from typing import Final

from django.db import connection

from delivery.models import Attempt
from delivery.queue.load import WaitingRecipient
from delivery.queue.suppressing import NewSuppression
from delivery.smtp.client.failure import Stage
from delivery.smtp.client.results import RecipientResult
from mail import clock
from mail.mime.encoded_words import clean_text
from mail.store import readers

ABOUT_THE_RECIPIENT: Final = (Stage.RCPT, Stage.DATA, Stage.END)
"""What is said before is about the sender, the login or the relay, and never suppresses a recipient."""

_CODES: Final = frozenset({521, 550, 551, 553, 556})
_DETAILS: Final = frozenset({"1.1", "1.2", "1.3", "1.6", "2.1", "7.1"})
"""Detail of enhanced status codes (RFC 3463): no such address, mailbox disabled, not authorised."""

LONGEST_REASON: Final = 300
"""Characters of the answer that stand in the list; the timeline of the message has all of it."""

FAILURES_BEFORE: Final = 2
LOOKED_BACK: Final = 90 * clock.DAY
_LATEST = """
    SELECT a.outcome FROM delivery_queuedmessage m
    JOIN delivery_queuedrecipient q ON q.message_id = m.id
    JOIN delivery_attempt a ON a.recipient_id = q.id
    WHERE m.account_id = %s AND m.accepted > %s AND q.localpart = %s AND q.domain = %s AND q.id <> %s
      AND q.settled IS NOT NULL
      AND (a.outcome = 'delivered' OR (a.outcome = 'permanent' AND a.code >= 400 AND a.host <> ''
           AND a.stage IN ('rcpt', 'data', 'end')))
    ORDER BY q.settled DESC LIMIT %s
"""


def suppression_after(recipient: WaitingRecipient, result: RecipientResult) -> NewSuppression | None:
    """The entry that a final failure makes, if any. For worker threads.

    Some answers say at once that the address is of no use. Others do so when the account's two mails to it
    before this one failed in the same way.
    """
    account = recipient.message.account_id
    if account is None or not result.remote or result.stage not in ABOUT_THE_RECIPIENT:
        return None
    if not (_says_all(result) or readers.run(_failed_before, account, recipient).result()):
        return None
    host = f"{result.connection.host} answered: " if result.connection else ""
    return NewSuppression(account, recipient.address, clean_text(f"{host}{result.reply}", LONGEST_REASON))


def _says_all(result: RecipientResult) -> bool:
    reply = result.reply
    if reply.code in _CODES:
        return True
    return reply.is_permanent and reply.enhanced.partition(".")[2] in _DETAILS


def _failed_before(account: int, recipient: WaitingRecipient) -> bool:
    """Whether the latest mails of the account to just this address failed by its server's word."""
    address = recipient.address
    with connection.cursor() as cursor:
        cursor.execute(
            _LATEST,
            [
                account,
                clock.now() - LOOKED_BACK,
                address.localpart,
                address.domain,
                recipient.id,
                FAILURES_BEFORE,
            ],
        )
        outcomes = [outcome for (outcome,) in cursor.fetchall()]
    return outcomes == [Attempt.Outcome.PERMANENT.value] * FAILURES_BEFORE
