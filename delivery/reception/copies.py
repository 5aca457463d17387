"""From what the directory says about a recipient to the copies for mailboxes."""

from collections.abc import Iterable
from dataclasses import dataclass

from delivery.reception.trace import delivery_fields
from mail.addresses.address import Address
from mail.directory import Directory
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
    """One copy of a message. `recipient` is the address that the client named.

    `dmarc_reject`: its owner wants mail refused that the policy of its author's domain rejects.
    """

    account_id: int
    mailbox: str
    recipient: Address
    dmarc_reject: bool = True


def copies(recipient: Address, resolution: AccountDestination | AliasTargets) -> list[Copy]:
    """A copy for the account, or one for each mailbox behind an alias."""
    targets = resolution.targets if isinstance(resolution, AliasTargets) else (resolution,)
    found = (Copy(target.account_id, target.mailbox, recipient, target.dmarc_reject) for target in targets)
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


async def refuse_full(directory: Directory, wanted: Iterable[Copy], size: int | None) -> None:
    """Raises MailError when an account has no room for a message of this size, None if it is not known.

    The commit checks it once more, and then for all recipients together: here the others may go on.
    """
    if not await directory.has_room({copy.account_id for copy in wanted}, size or 0):
        raise MailError(452, "4.2.2", "the mailbox is full, try again later")


def deliveries(
    wanted: Iterable[Copy], sender: Address | None, prefix: bytes, authentication: str | None = None
) -> tuple[LocalDelivery, ...]:
    """The copies as the store takes them, each with its own fields and then `prefix` before the content.

    `authentication` is what was found out about the sender, as JSON.
    """
    return tuple(
        LocalDelivery(
            account_id=copy.account_id,
            mailbox=copy.mailbox,
            prefix=delivery_fields(sender, copy.recipient) + prefix,
            envelope_sender=str(sender or ""),
            recipient=str(copy.recipient),
            authentication=authentication,
        )
        for copy in wanted
    )
