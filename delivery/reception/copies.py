"""From what the directory says about a recipient to the copies for mailboxes."""

from collections.abc import Iterable
from dataclasses import dataclass

from delivery.reception.trace import delivery_fields
from mail.addresses.address import Address
from mail.directory.results import (
    AccountDestination,
    AliasTargets,
    Disabled,
    Refused,
    Resolution,
    UnknownLocalpart,
)
from mail.errors import MailError
from mail.store.deliver import LocalDelivery


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a message. `recipient` is the address that the client named."""

    account_id: int
    mailbox: str
    recipient: Address


def copies(recipient: Address, resolution: AccountDestination | AliasTargets) -> list[Copy]:
    """A copy for the account, or one for each mailbox behind an alias."""
    targets = resolution.targets if isinstance(resolution, AliasTargets) else (resolution,)
    found = (Copy(target.account_id, target.mailbox, recipient) for target in targets)
    return list(dict.fromkeys(found))


def refuse_hosted(resolution: Resolution) -> None:
    """Raises MailError for what is refused whoever sends it."""
    match resolution:
        case UnknownLocalpart():
            raise MailError(550, "5.1.1", "there is no such address here")
        case Disabled():
            raise MailError(450, "4.2.1", "mail for this domain is not accepted at the moment")
        case Refused(reply):
            raise MailError(reply.code, reply.enhanced, reply.text)
        case _:
            return


def deliveries(wanted: Iterable[Copy], sender: Address | None, prefix: bytes) -> tuple[LocalDelivery, ...]:
    """The copies as the store takes them, each with its own fields and then `prefix` before the content."""
    return tuple(
        LocalDelivery(
            account_id=copy.account_id,
            mailbox=copy.mailbox,
            prefix=delivery_fields(sender, copy.recipient) + prefix,
            envelope_sender=str(sender or ""),
            recipient=str(copy.recipient),
        )
        for copy in wanted
    )
