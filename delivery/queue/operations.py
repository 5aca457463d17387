"""What people do with the queue, from the admin and from the command line."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet

from delivery.models import QueuedRecipient, State
from delivery.queue.database_clock import database_now
from delivery.queue.wake_topic import WAKE_TOPIC
from mail.addresses.domain import AddressError, normalise_domain
from mail.store.write import Locks, Transaction, Write, applies
from mail.store.writer import writer
from mail.wake import poke


@dataclass(frozen=True, slots=True)
class RetryNow(Write):
    """Make waiting recipients due at once. Gives how many were waiting.

    Attempts are not reset: an early try is one of those that a message has.
    """

    ids: tuple[int, ...]


@applies(RetryNow, needs=lambda writes: Locks(recipients={id_ for write in writes for id_ in write.ids}))
def retry_now(current: Transaction, writes: Sequence[RetryNow]) -> list[int]:
    moment = database_now(current)
    return [
        sum(
            current.run(
                "UPDATE delivery_queuedrecipient SET due = %s WHERE id = %s AND state = 'waiting'",
                [moment, id_],
            )
            for id_ in write.ids
        )
        for write in writes
    ]


def retry(ids: Sequence[int]) -> int:
    """Try these recipients again now; how many of them were waiting."""
    waiting: int = writer().submit(RetryNow(tuple(ids))).result()
    poke(settings.DATA / "run", WAKE_TOPIC)
    return waiting


@dataclass(frozen=True, slots=True)
class Filter:
    """Which recipients are meant; all given fields must match.

    `sender` and `recipient` are an address, a domain, or “@domain”.
    """

    ids: tuple[int, ...] = ()
    sender: str = ""
    recipient: str = ""
    account: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said, so that everything would match."""
        return self == Filter()


def find(wanted: Filter) -> QuerySet[QueuedRecipient]:
    """The recipients that wait and match, the next due first."""
    rows = QueuedRecipient.objects.filter(state=State.WAITING).select_related("message", "message__account")
    if wanted.ids:
        rows = rows.filter(id__in=wanted.ids)
    if wanted.account:
        rows = rows.filter(message__account__name=wanted.account)
    if wanted.sender:
        rows = rows.filter(_address("message__sender_localpart", "message__sender_domain", wanted.sender))
    if wanted.recipient:
        rows = rows.filter(_address("localpart", "domain", wanted.recipient))
    return rows.order_by("due", "id")


def _address(localpart_field: str, domain_field: str, text: str) -> Q:
    localpart, _, domain = text.rpartition("@")
    try:
        domain = normalise_domain(domain)
    except AddressError:
        domain = domain.lower()  # an address literal, or nothing that could match
    found = Q(**{domain_field: domain})
    return found & Q(**{f"{localpart_field}__iexact": localpart}) if localpart else found
