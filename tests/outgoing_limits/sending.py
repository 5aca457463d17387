"""Sending in the name of accounts with limits, as a submission would."""

from collections.abc import Sequence

from django.db import connection, transaction

from delivery.outgoing_limits.refusal import OutgoingLimitReached
from mail.models import Account
from mail.store.accept import accept
from mail.store.ids import IdBlock
from mail.store.write import Transaction
from tests.world.submissions import submission
from tests.world.world import World


def allow(account: Account, *, messages: int = -1, recipients: int = -1) -> None:
    """Set both limits."""
    account.max_outgoing_messages_per_day = messages
    account.max_first_time_recipients_per_day = recipients
    account.save()


def send(world: World, account: Account, *recipients: str) -> OutgoingLimitReached | None:
    """Send one message; the refusal, if there is one."""
    try:
        world.writer.submit(submission(account, recipients)).result()
    except OutgoingLimitReached as refusal:
        return refusal
    return None


def send_in_one_commit(*messages: tuple[Account, Sequence[str]]) -> list[str]:
    """Send several messages in one batch; for each the limit that refused it, or ""."""
    with transaction.atomic(), connection.cursor() as cursor:
        writes = [submission(account, recipients) for account, recipients in messages]
        results = accept(Transaction(cursor, IdBlock()), writes)
    return [result.limit.value if isinstance(result, OutgoingLimitReached) else "" for result in results]
