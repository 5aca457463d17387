"""Mail from other servers, on port 25 (RFC 5321)."""

import logging

from delivery.reception.copies import Copy, copies, deliveries, refuse_hosted
from delivery.reception.handling import SpooledMessage
from delivery.reception.removals import Removals
from delivery.reception.trace import received, refuse_circling
from delivery.smtp.server.backend import Transaction
from mail import clock
from mail.addresses.address import Address
from mail.directory import AccountDestination, AliasTargets, Directory
from mail.errors import MailError
from mail.mime.headers import HeaderBlock
from mail.store.accept import AcceptMessage

log = logging.getLogger(__name__)


class InboundMail:
    """One transaction. Anybody may send to anybody who has an address here.

    Unknown addresses are refused at once: accepting and bouncing would hit those whose address was forged.
    Who collects addresses that way meets the limit of errors.
    """

    def __init__(
        self,
        directory: Directory,
        transaction: Transaction,
        *,
        removals: Removals,
        hostname: str,
        message_id: str,
    ) -> None:
        self.removals = removals
        self.message_id = message_id
        self._directory = directory
        self._transaction = transaction
        self._hostname = hostname
        self._copies: list[Copy] = []

    async def sender(self) -> None:
        """Everybody, the null sender too."""

    async def recipient(self, address: Address) -> None:
        """Accept addresses of this server. The same one twice is one recipient."""
        already = self._transaction.recipients
        if address in already:
            return
        if self._transaction.sender is None and already:
            # Reports about a message go to its one sender (RFC 5321 section 3.6.3).
            raise MailError(452, "4.5.3", "one recipient at a time for mail without a sender")
        resolution = await self._directory.resolve(address)
        refuse_hosted(resolution)
        match resolution:
            case AccountDestination():
                pass
            case AliasTargets(post_public=True):
                pass
            case AliasTargets():
                # A sender on this port proves nothing: members post after logging in.
                raise MailError(550, "5.7.1", "only its members may write to this address")
            case _:
                raise MailError(550, "5.1.1", "mail for this domain is not accepted here")
        self._copies += copies(address, resolution)

    async def check(self, header: HeaderBlock) -> None:
        """Refuse what goes round in circles."""
        refuse_circling(header)

    def accept(self, message: SpooledMessage) -> AcceptMessage:
        """All copies in one commit."""
        transaction = self._transaction
        prefix = received(transaction, self._hostname, self.message_id, clock.now())
        if message.needs_blank_line:
            prefix += b"\r\n"
        return AcceptMessage(message.content, deliveries(self._copies, transaction.sender, prefix))

    def accepted(self, message: SpooledMessage) -> None:
        """Say so in the log."""
        fields = {
            "id": self.message_id,
            "sender": str(self._transaction.sender or ""),
            "recipients": len(self._transaction.recipients),
            "copies": len(self._copies),
            "size": message.content.size,
            "remote": self._transaction.session.remote_address,
        }
        log.info("message received", extra={"fields": fields})
