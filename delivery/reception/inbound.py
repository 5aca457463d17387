"""Mail from other servers, on port 25 (RFC 5321)."""

import logging

from delivery.metrics import RECEIVED
from delivery.reception.copies import Copy, copies, deliveries, refuse_full, refuse_hosted
from delivery.reception.handling import SpooledMessage
from delivery.reception.removals import Removals
from delivery.reception.sender_checks import SenderCheck, SenderChecks
from delivery.reception.testimony import testimony
from delivery.reception.trace import received, refuse_circling
from delivery.reception.unproven import placed
from delivery.smtp.server.backend import Transaction
from mail import clock
from mail.addresses.address import Address
from mail.authentication.dkim.verification import Verification
from mail.authentication.results import Result, SenderResults
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
        checks: SenderChecks,
        transaction: Transaction,
        *,
        removals: Removals,
        hostname: str,
        message_id: str,
    ) -> None:
        self.removals = removals
        self.message_id = message_id
        self._directory = directory
        self._checks = checks
        self._transaction = transaction
        self._hostname = hostname
        self._copies: list[Copy] = []
        self._begun: SenderCheck | None = None
        self._found: SenderResults
        self._anonymous: MailError | None = None

    async def sender(self) -> None:
        """Everybody, the null sender too; who it is will be known when the message is there."""

    async def recipient(self, address: Address) -> None:
        """Accept addresses of this server. The same one twice is one recipient."""
        if address in self._transaction.recipients:
            return
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
        own = copies(address, resolution)
        await refuse_full(self._directory, own, self._transaction.size)
        self._copies += own
        self._check()

    async def check(self, header: HeaderBlock) -> None:
        """Refuse what goes round in circles, and what does not say from whom it is."""
        try:
            refuse_circling(header)
            if self._anonymous is not None:
                raise self._anonymous
        except MailError:
            RECEIVED.add("refused")
            raise

    def body_reader(self, header: HeaderBlock) -> Verification | None:
        """Whoever verifies its signatures."""
        try:
            return self._check().read_header(header)
        except MailError as error:
            self._anonymous = error
            return None

    async def accept(self, message: SpooledMessage) -> AcceptMessage:
        """All copies in one commit, unless the policy of the author's domain forbids it."""
        self._found = found = await self._check().results()
        self._copies = await placed(self._copies, found)
        transaction, hostname = self._transaction, self._hostname
        told = testimony(hostname, found, transaction.sender, transaction.session.ehlo_name)
        name = found.iprev.name if found.iprev.result is Result.PASS else ""
        prefix = told.fields + received(transaction, hostname, self.message_id, clock.now(), name)
        return AcceptMessage(
            message.content, deliveries(self._copies, transaction.sender, prefix, told.record)
        )

    def accepted(self, message: SpooledMessage) -> None:
        """Say so in the log."""
        RECEIVED.add("ok")
        fields = {
            "id": self.message_id,
            "sender": str(self._transaction.sender or ""),
            "recipients": len(self._transaction.recipients),
            "copies": len(self._copies),
            "size": message.content.size,
            "remote": self._transaction.session.remote_address,
            "spf": str(self._found.spf.result),
            "dmarc": str(self._found.dmarc.result),
        }
        log.info("message received", extra={"fields": fields})

    def not_accepted(self, error: MailError) -> None:
        """Count it, and say so in the log."""
        RECEIVED.add("refused" if error.is_permanent else "queueerror")
        fields = {
            "id": self.message_id,
            "sender": str(self._transaction.sender or ""),
            "remote": self._transaction.session.remote_address,
            "reply": str(error.public),
        }
        log.info("message refused", extra={"fields": fields})

    def _check(self) -> SenderCheck:
        """Begun with the first recipient: for those who only try addresses nobody is asked anything."""
        if self._begun is None:
            self._begun = self._checks.begin(self._transaction.session, self._transaction.sender)
        return self._begun
