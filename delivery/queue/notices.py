"""Telling a sender that a message failed or is delayed: a DSN in the Inbox, never mail to a stranger."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from delivery.dsn.message import HEADER_LIMIT, delay_message, failure_message
from delivery.dsn.report import Report, ReportedRecipient
from delivery.queue.future_release import request_of
from delivery.queue.load import WaitingMessage, WaitingRecipient
from delivery.queue.schedule import next_attempt_delay
from mail import clock
from mail.configuration.rules.mailboxes import INBOX
from mail.directory.owners import postmaster_account
from mail.models import Account
from mail.store import readers
from mail.store.accept import Accepted, AcceptMessage, accept
from mail.store.contents import ContentMissing, read
from mail.store.deliver import LocalDelivery
from mail.store.from_bytes import content_from_bytes
from mail.store.write import Transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notices:
    """Makes the writes that put notices into mailboxes. For worker threads."""

    host_name: str

    def failures(
        self, message: WaitingMessage, reported: Sequence[ReportedRecipient]
    ) -> AcceptMessage | None:
        """One notice about several recipients of a message that will not be reached."""
        account = readers.run(_account_to_tell, message.account_id).result()
        if account is None or message.sender is None:  # never a notice about a notice (RFC 5321 section 6.1)
            return None
        return self._to_inbox(account, failure_message(self._report(message, reported)))

    def delays(
        self,
        recipient: WaitingRecipient,
        reported: Sequence[ReportedRecipient],
        number: int,
        next_due: clock.Moment,
    ) -> AcceptMessage | None:
        """The notice that attempt `number` failed and others follow, the first of them at `next_due`.

        All those reported have the attempts of this recipient of the same message.
        """
        account = readers.run(_account_to_tell, recipient.message.account_id).result()
        if account is None or recipient.message.sender is None:
            return None
        attempts = _coming_attempts(recipient, number, next_due)
        return self._to_inbox(account, delay_message(self._report(recipient.message, reported), attempts))

    def _report(self, message: WaitingMessage, reported: Sequence[ReportedRecipient]) -> Report:
        return Report(
            host_name=self.host_name,
            sender="" if message.sender is None else str(message.sender),
            recipients=tuple(reported),
            arrival=message.accepted,
            message_id=f"<{message.message_id}>" if message.message_id else "",
            original_header=message.prefix + readers.run(_beginning, message).result(),
            smtputf8=message.smtputf8,
            future_release=readers.run(request_of, message.id).result(),
        )

    def _to_inbox(self, account: int, raw: bytes) -> AcceptMessage:
        prefix = f"Return-Path: <postmaster@{self.host_name}>\r\n".encode()
        delivery = LocalDelivery(account, INBOX, prefix, "", "", notice=True)
        return AcceptMessage(content_from_bytes(raw), (delivery,))


def put_into_mailboxes(current: Transaction, notices: Sequence[AcceptMessage]) -> list[bool]:
    """Store notices in the transaction that makes them true; whether there was room for each."""
    results = accept(current, notices)
    for notice, result in zip(notices, results, strict=True):
        if not isinstance(result, Accepted):
            accounts = ", ".join(str(copy.account_id) for copy in notice.deliveries)
            log.error(
                "a sender could not be told", extra={"fields": {"account": accounts, "why": str(result)}}
            )
    return [isinstance(result, Accepted) for result in results]


def _coming_attempts(
    recipient: WaitingRecipient, number: int, next_due: clock.Moment
) -> Sequence[clock.Moment]:  # fmt: skip
    moments, made, maximum = [next_due], number + 1, recipient.maximum_attempts
    while (delay := next_attempt_delay(made, maximum, seed=recipient.message.id)) is not None:
        moments.append(moments[-1] + delay)
        made += 1
    return [moment for moment in moments if moment < recipient.expires]


def _beginning(message: WaitingMessage) -> bytes:
    """As much of the content as can hold the part of the header that is sent back.

    Of a content that is damaged nothing: the sender has to be told all the same.
    """
    if message.content is not None:
        return message.content[:HEADER_LIMIT]
    try:
        return b"".join(read(message.content_id, 0, HEADER_LIMIT))
    except ContentMissing:
        return b""


def _account_to_tell(account_id: int | None) -> int | None:
    """The account itself, or the postmaster's when it is gone."""
    if account_id is not None and Account.objects.filter(pk=account_id).exists():
        return account_id
    postmaster = postmaster_account()
    return None if postmaster is None else postmaster.pk
