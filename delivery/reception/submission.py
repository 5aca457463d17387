"""Mail from our users, after they have logged in (RFC 6409)."""

import dataclasses
import logging

from delivery.metrics import SUBMISSIONS
from delivery.outgoing_limits.refusal import OutgoingLimitReached
from delivery.queue.enqueue import Outgoing, OutgoingRecipient
from delivery.queue.future_release import Release
from delivery.reception.author import author_of
from delivery.reception.commits import Commits
from delivery.reception.copies import Copy, copies, deliveries, refuse_full, refuse_hosted
from delivery.reception.handling import SpooledMessage
from delivery.reception.identity import LoggedIn
from delivery.reception.removals import Removals
from delivery.reception.signing import Signer, signer_of
from delivery.reception.signing_threads import SigningThreads
from delivery.reception.tls_demand import tls_demand
from delivery.reception.trace import received, refuse_circling, tls_text
from delivery.reception.wakeups import Wakeups
from delivery.smtp.server.backend import Transaction
from mail import clock
from mail.addresses.address import Address
from mail.configuration.dkim import SigningKeys
from mail.configuration.sections import HostedDomains
from mail.configuration.snapshots import Snapshots
from mail.directory import AccountDestination, AliasTargets, Directory
from mail.errors import MailError
from mail.mime.generate import date_field, message_id_field, new_message_id
from mail.mime.headers import HeaderBlock
from mail.store.accept import AcceptMessage, NewContent

log = logging.getLogger(__name__)


class SubmittedMail:
    """One transaction. Users send as themselves only, to anybody.

    Recipients here get their copies, all others go to the queue, in one commit. The Received field names
    where the client was, as is usual: recipients of abuse need it, and RFC 5321 section 4.4 asks for it.
    """

    def __init__(
        self,
        directory: Directory,
        snapshots: Snapshots,
        wakeups: Wakeups,
        login: LoggedIn,
        transaction: Transaction,
        *,
        removals: Removals,
        signing: SigningThreads,
        commits: Commits,
        hostname: str,
        message_id: str,
    ) -> None:
        self.removals = removals
        self.message_id = message_id
        self._directory = directory
        self._snapshots = snapshots
        self._wakeups = wakeups
        self._login = login
        self._transaction = transaction
        self._signing = signing
        self._commits = commits
        self._hostname = hostname
        self._copies: list[Copy] = []
        self._recipients: list[OutgoingRecipient] = []
        self._signer: Signer | None = None

    async def sender(self) -> None:
        """The envelope sender is an address of the account, or the null one.

        Mail programs send receipts with the null sender (RFC 8098 section 3). Who wrote it is known anyway:
        the author that readers see is checked.
        """
        address = self._transaction.sender
        if address is not None:
            await self._refuse_foreign(address, "envelope sender")

    async def recipient(self, address: Address) -> None:
        """Addresses here must exist; others are for the queue. The same one twice is one recipient."""
        if address in self._transaction.recipients:
            return
        resolution = await self._directory.resolve(address)
        refuse_hosted(resolution)
        own: list[Copy] = []
        match resolution:
            case AccountDestination():
                local = resolution.account_name
                own = copies(address, resolution)
            case AliasTargets():
                if not resolution.post_public and not resolution.has_member(self._login.account_id):
                    raise MailError(550, "5.7.1", "only its members may write to this address")
                # Who its members are is not for every sender to see.
                local = resolution.address.localpart[:64]
                own = copies(address, resolution)
            case _:
                local = ""
        if local and self._transaction.release is not None:
            raise MailError(550, "5.5.4", "mail for addresses of this server can't be held back")
        await refuse_full(self._directory, own, self._transaction.size)
        self._copies += own
        self._recipients.append(OutgoingRecipient(address, local_account=local))

    async def check(self, header: HeaderBlock) -> None:
        """The author that readers see is an address of the account."""
        try:
            refuse_circling(header)
            author = author_of(header)
        except MailError:
            SUBMISSIONS.add("badheader")
            raise
        await self._refuse_foreign(author, "From address")

    def body_reader(self, header: HeaderBlock) -> Signer | None:
        """Who signs the message."""
        keys = self._snapshots.current().section(SigningKeys)
        self._signer = signer_of(keys, header, self._transaction.sender)
        return self._signer

    async def accept(self, message: SpooledMessage) -> AcceptMessage:
        """The copies and the queue's rows in one commit."""
        moment = clock.now()
        prefix = received(self._transaction, self._hostname, self.message_id, moment)
        fields, content = self._missing_fields(message, moment)
        if self._signer is not None:
            signed = [*HeaderBlock.parse(fields).fields, *message.header.fields]
            with self._commits.expected():
                signatures = await self._signer.signatures(signed, moment, self._signing)
            prefix = signatures + prefix
        prefix += fields
        return AcceptMessage(
            content,
            deliveries(self._copies, self._transaction.sender, prefix),
            (self._outgoing(message, content, prefix, moment),),
        )

    def accepted(self, message: SpooledMessage) -> None:
        """Let the dispatcher look, and say in the log what happened."""
        SUBMISSIONS.add("ok")
        remote = sum(not recipient.local_account for recipient in self._recipients)
        if remote:
            self._wakeups.poke()
        fields = {
            "id": self.message_id,
            "login": self._login.username,
            "sender": str(self._transaction.sender or ""),
            "recipients": len(self._recipients),
            "queued": remote,
            "size": message.content.size,
            "remote": self._transaction.session.remote_address,
        }
        log.info("message submitted", extra={"fields": fields})

    def not_accepted(self, error: MailError) -> None:
        """Count it."""
        if isinstance(error, OutgoingLimitReached):
            SUBMISSIONS.add(error.limit.counted)
        else:
            SUBMISSIONS.add("refused" if error.is_permanent else "queueerror")

    async def _refuse_foreign(self, address: Address, what: str) -> None:
        if not await self._directory.may_send_as(self._login.account_id, address):
            SUBMISSIONS.add("badfrom")
            raise MailError(550, "5.7.1", f"this login may not send with {address} as {what}")
        rules = self._snapshots.current().section(HostedDomains).get(address.domain)
        if rules is not None and rules.disabled:
            raise MailError(451, "4.3.0", f"mail from {address.domain} is not accepted at the moment")

    def _missing_fields(self, message: SpooledMessage, moment: clock.Moment) -> tuple[bytes, NewContent]:
        """Date and Message-ID where they are missing (RFC 6409 section 8), and the content with them."""
        fields, summary = b"", message.content.summary
        if "date" not in message.header:
            fields += date_field(moment)
            summary = dataclasses.replace(summary, date=moment)
        if "message-id" not in message.header:
            identifier = new_message_id(self._hostname)
            fields += message_id_field(identifier)
            summary = dataclasses.replace(summary, message_id=identifier)
        return fields, dataclasses.replace(message.content, summary=summary) if fields else message.content

    def _outgoing(
        self, message: SpooledMessage, content: NewContent, prefix: bytes, moment: clock.Moment
    ) -> Outgoing:
        transaction, session = self._transaction, self._transaction.session
        asked = transaction.release
        return Outgoing(
            account_id=self._login.account_id,
            login=self._login.username,
            session=session.id,
            remote_ip=session.remote_address,
            tls=tls_text(session.tls),
            accepted=moment,
            sender=transaction.sender,
            prefix=prefix,
            size=content.size + len(prefix),
            eight_bit=message.eight_bit_body or message.eight_bit_header,
            # Addresses are looked at in each transaction: one recipient's is no concern of the others. Raw
            # 8-bit headers without the declaration, as old programs write them, ask nothing of a server.
            smtputf8=transaction.smtputf8 and message.eight_bit_header,
            subject=content.summary.subject,
            message_id=content.summary.message_id,
            recipients=tuple(self._recipients),
            tls_demand=tls_demand(transaction.require_tls, message.header),
            release=None if asked is None else Release(asked.moment, asked.request),
        )
