"""Senders of mail that waits must stay with their accounts: notices about it go there."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from django.db import connection

from mail.addresses.address import Address
from mail.configuration.address_removal import guard_removals
from mail.configuration.sections import HostedDomains, compile_domains
from mail.configuration.snapshot import Snapshot
from mail.directory.lookup import may_send_as
from mail.models import Account

_SENDERS: Final = (
    "SELECT DISTINCT m.account_id, m.sender_localpart, m.sender_domain FROM delivery_queuedmessage m "
    "WHERE m.content_id IS NOT NULL AND m.sender_domain <> '' AND m.account_id {} AND EXISTS "
    "(SELECT 1 FROM delivery_queuedrecipient q WHERE q.message_id = m.id AND q.state = 'waiting')"
)
_NAMED: Final = 3

_Sender = tuple[int, Address]


def register() -> None:
    """Let removals of addresses ask for this."""
    guard_removals(guard_senders)


def guard_senders(account: int | None) -> Callable[[], list[str]]:
    """A guard (mail.configuration.address_removal): whose sender would no longer be the account's."""
    before = strange_senders(account)

    def judge() -> list[str]:
        return [_sentence(*sender) for sender in sorted(strange_senders(account) - before)[:_NAMED]]

    return judge


def strange_senders(account: int | None) -> set[_Sender]:
    """Account and sender of mail that waits which the account may not send now as the configuration stands.

    For one account, or for all. Not for event loops.
    """
    condition, parameters = ("IS NOT NULL", []) if account is None else ("= %s", [account])
    with connection.cursor() as cursor:
        cursor.execute(_SENDERS.format(condition), parameters)
        waiting = [(row[0], Address(row[1], row[2])) for row in cursor.fetchall()]
    snapshot = Snapshot(0, MappingProxyType({HostedDomains: compile_domains()}))
    return {(owner, sender) for owner, sender in waiting if not may_send_as(owner, sender, snapshot)}


def _sentence(account: int, sender: Address) -> str:
    name = Account.objects.values_list("name", flat=True).get(pk=account)
    return (
        f"Mail that account {name} sent as {sender.display()} waits in the queue, and that address would no "
        "longer belong to the account: remove it when the mail is delivered, or give the mail up first."
    )
