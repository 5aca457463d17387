"""One mail transaction: MAIL, RCPT for each recipient, DATA (RFC 5321 section 3.3).

With PIPELINING all commands go out at once (RFC 2920); their replies are read in order either way, and mean
the same. Every recipient gets the reply that concerns it:

- refused at RCPT: that reply, also when nobody was accepted
- accepted: the reply to DATA or to the final dot, or the failure of the connection
- one too many for this transaction: AGAIN
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from delivery.smtp.client.data_out import encoded_blocks
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure, refused
from delivery.smtp.client.message import OutgoingMessage, check_paths
from delivery.smtp.client.rehearsal import Rehearsal, rehearse
from delivery.smtp.client.requirements import mail_parameters, unmet_requirement
from delivery.smtp.client.results import Outcome, RecipientResult, TransactionResult, failed
from delivery.smtp.client.session import Session
from mail.errors import Reply

log = logging.getLogger(__name__)

RECIPIENT_LIMIT = 100
"""Every server takes as many recipients in one transaction (RFC 5321 section 4.5.3.1.8)."""


Following = tuple[OutgoingMessage, Sequence[str]]
"""The message that comes next over a session, and its recipients."""


class Transactions:
    """Transactions over one session, one after the other.

    With PIPELINING the commands of the following one leave along with the end of a message, as content may be
    the first of a group of commands (RFC 2920 section 3.1): each message costs one round trip instead of two.

    Before each end of a message `may_end` is waited for.
    """

    def __init__(
        self,
        session: Session,
        *,
        require_eight_bit: bool,
        may_end: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._session = session
        self._require_eight_bit = require_eight_bit
        self._may_end = may_end
        self._ahead: _Transaction | None = None

    async def send(
        self, message: OutgoingMessage, recipients: Sequence[str], following: Following | None = None
    ) -> TransactionResult:
        """Run one transaction, and say ahead to the server what follows, if all goes well.

        What was said to follow has to follow. Failures are in the results; nothing is raised but ValueError
        for bad addresses.
        """
        transaction = self._take_ahead(message, recipients)
        if transaction is None:
            check_paths(recipients)
            if (unmet := self._unmet(message, recipients)) is not None:
                return await self._part(message, recipients, unmet)
            if isinstance(message, Rehearsal):
                return await rehearse(self._session, message, recipients)
            transaction = _Transaction(self._session, message, recipients)
        begun = self._following(following)
        await transaction.run(begun, self._may_end)
        if begun is not None and begun.is_begun:
            self._ahead = begun
        return transaction.result()

    def end(self) -> None:
        """No more follows. If the server was told otherwise, the connection is of no more use."""
        if self._ahead is not None:
            self._session.connection.broken = True

    def _take_ahead(self, message: OutgoingMessage, recipients: Sequence[str]) -> "_Transaction | None":
        ahead, self._ahead = self._ahead, None
        if ahead is not None and not ahead.is_of(message, recipients):
            raise AssertionError("another message was said to follow")
        return ahead

    def _following(self, following: Following | None) -> "_Transaction | None":
        if following is None or not self._session.extensions.pipelining:
            return None
        message, recipients = following
        if isinstance(message, Rehearsal) or message.require_tls or self._unmet(message, recipients):
            return None
        try:
            check_paths(recipients)
        except ValueError:
            return None  # it is said when it is this message's turn
        return _Transaction(self._session, message, recipients)

    def _unmet(self, message: OutgoingMessage, recipients: Sequence[str]) -> DeliveryFailure | None:
        return unmet_requirement(
            message, recipients, self._session.extensions, require_eight_bit=self._require_eight_bit
        )

    async def _part(
        self, message: OutgoingMessage, recipients: Sequence[str], unmet: DeliveryFailure
    ) -> TransactionResult:
        """Some requirements are those of a recipient: the others need not wait for it."""
        able = [recipient for recipient in recipients if self._unmet(message, [recipient]) is None]
        if able:
            return _joined(await self.send(message, able), recipients, unmet)
        transaction = _Transaction(self._session, message, recipients)
        transaction.fail_all(unmet)
        return transaction.result()


async def send_message(
    session: Session, message: OutgoingMessage, recipients: Sequence[str], *, require_eight_bit: bool
) -> TransactionResult:
    """Run one transaction. Failures are in the results; nothing is raised but ValueError for bad addresses.

    `require_eight_bit`: a server without 8BITMIME gets no 8-bit message; otherwise it is sent regardless.
    """
    return await Transactions(session, require_eight_bit=require_eight_bit).send(message, recipients)


def _joined(
    part: TransactionResult, recipients: Sequence[str], failure: DeliveryFailure
) -> TransactionResult:
    """The results of some of the recipients, and the failure for the others."""
    known = {each.address: each for each in part.recipients}
    results = (known.get(each) or failed(each, failure, part.connection) for each in recipients)
    return replace(part, recipients=tuple(results))


class _Transaction:
    """The recipients' results as they become known; None stands for accepted or not yet known."""

    def __init__(self, session: Session, message: OutgoingMessage, recipients: Sequence[str]) -> None:
        self._session = session
        self._message = message
        self._recipients = recipients
        limit = min(RECIPIENT_LIMIT, session.extensions.rcptmax or RECIPIENT_LIMIT)
        self._offered = min(len(recipients), limit)
        self._accepted: list[int] = []
        self._results: list[RecipientResult | None] = [None] * len(recipients)
        self._following: _Transaction | None = None
        self._may_end: Callable[[], Awaitable[None]] | None = None
        self.is_begun = False
        """Whether the server has been sent its commands."""

    def is_of(self, message: OutgoingMessage, recipients: Sequence[str]) -> bool:
        """Whether it is for this message and these recipients."""
        return self._message is message and list(self._recipients) == list(recipients)

    def result(self) -> TransactionResult:
        """What is known now. A recipient that no command named goes into another transaction."""
        again = Reply(452, "4.5.3", "too many recipients for one transaction")
        facts = self._session.facts
        results = tuple(
            result or RecipientResult(address, Outcome.AGAIN, again, False, Stage.RCPT, facts)
            for address, result in zip(self._recipients, self._results, strict=True)
        )
        return TransactionResult(results, facts, self._session.usable)

    def fail_all(self, failure: DeliveryFailure) -> None:
        """The failure concerns every recipient without a result of its own."""
        for index, result in enumerate(self._results):
            if result is None:
                self._results[index] = failed(self._recipients[index], failure, self._session.facts)

    async def run(
        self, following: "_Transaction | None", may_end: Callable[[], Awaitable[None]] | None
    ) -> None:
        """The whole transaction; afterwards only recipients that were not offered have no result.

        If the content goes out, and nobody needs another transaction, `following` is begun behind it.
        """
        self._following = following
        self._may_end = may_end
        try:
            if not self.is_begun:
                await self._reset_before()
            if self._session.extensions.pipelining:
                await self._pipelined()
            else:
                await self._one_by_one()
        except DeliveryFailure as failure:
            self.fail_all(failure)
        except BaseException:
            self._session.connection.abort()
            raise

    def begin(self) -> bytes:
        """All commands, which are to be sent at once."""
        self.is_begun = True
        lines = [self._mail_line(), *map(self._rcpt_line, range(self._offered)), "DATA"]
        return self._session.connection.encoded(lines)

    # The two orders of commands.

    async def _pipelined(self) -> None:
        if not self.is_begun:
            self._session.connection.write(self.begin())
        self._session.transaction_open = True
        mail = await self._reply(Stage.MAIL)
        if mail.code != 250:
            failure = refused(Stage.MAIL, mail)
            self.fail_all(failure)
            await self._skip_replies()
            return
        for index in range(self._offered):
            self._note_recipient(index, await self._reply(Stage.RCPT))
        data = await self._reply(Stage.DATA)
        if data.code == 354 and not self._accepted:
            await self._end_without_content()
        elif self._accepted:
            await self._after_data(data)

    async def _one_by_one(self) -> None:
        mail = await self._session.command(Stage.MAIL, self._mail_line())
        if mail.code != 250:
            self.fail_all(refused(Stage.MAIL, mail))
            return
        self._session.transaction_open = True
        for index in range(self._offered):
            self._note_recipient(index, await self._session.command(Stage.RCPT, self._rcpt_line(index)))
            if self._is_again(index):
                # Those behind it would be refused for the same reason; they are tried with it.
                break
        if self._accepted:
            await self._after_data(await self._session.command(Stage.DATA, "DATA"))

    async def _reset_before(self) -> None:
        if self._session.transaction_open:
            reply = await self._session.command(Stage.MAIL, "RSET")
            if reply.code != 250:
                raise refused(Stage.MAIL, reply)
            self._session.transaction_open = False

    async def _skip_replies(self) -> None:
        """After a refused MAIL, read the replies to what was sent along with it.

        The result stands already: if the server closes now, only the connection is lost.
        """
        try:
            for _ in range(self._offered):
                await self._reply(Stage.RCPT)
            if (await self._reply(Stage.DATA)).code == 354:
                await self._end_without_content()
            self._session.transaction_open = False
        except DeliveryFailure as failure:
            log.debug("connection lost after refused MAIL", extra={"fields": {"reason": str(failure)}})

    async def _end_without_content(self) -> None:
        """The server wants content though it accepted nobody: an empty message brings it back into step."""
        self._session.connection.write(b".\r\n")
        try:
            await self._session.connection.reply(Stage.END, self._session.timeouts.end)
            self._session.transaction_open = False
        except DeliveryFailure as failure:
            log.debug("connection lost after empty DATA", extra={"fields": {"reason": str(failure)}})

    # What the replies mean.

    def _note_recipient(self, index: int, reply: Reply) -> None:
        if reply.code // 100 == 2:
            self._accepted.append(index)
            return
        failure = refused(Stage.RCPT, reply)
        result = failed(self._recipients[index], failure, self._session.facts)
        if _may_be_too_many(reply):
            outcome = Outcome.AGAIN if self._accepted else Outcome.TEMPORARY
            result = RecipientResult(
                result.address, outcome, result.reply, result.remote, Stage.RCPT, result.connection
            )
        self._results[index] = result

    def _needs_no_other(self, index: int) -> bool:
        """Whether this transaction is the last one for a recipient over this session."""
        return index < self._offered and not self._is_again(index)

    def _is_again(self, index: int) -> bool:
        result = self._results[index]
        return result is not None and result.outcome is Outcome.AGAIN

    async def _after_data(self, reply: Reply) -> None:
        """Send the content if it is wanted, and give all accepted recipients the last reply."""
        stage = Stage.DATA
        try:
            if reply.code == 354:
                stage = Stage.END
                reply = await self._send_content()
                self._session.transaction_open = False
            if reply.code // 100 != 2 or stage is Stage.DATA:
                self._fail_accepted(refused(stage, reply))
                return
        except DeliveryFailure as failure:
            self._fail_accepted(failure)
            return
        for index in self._accepted:
            self._results[index] = RecipientResult(
                self._recipients[index], Outcome.DELIVERED, reply, True, Stage.END, self._session.facts
            )

    def _fail_accepted(self, failure: DeliveryFailure) -> None:
        if not failure.remote:
            self._session.connection.broken = True
        for index in self._accepted:
            self._results[index] = failed(self._recipients[index], failure, self._session.facts)

    # Wire.

    async def _send_content(self) -> Reply:
        """Stream the message and return the reply to it."""
        connection, timeouts = self._session.connection, self._session.timeouts
        try:
            encoded = encoded_blocks(self._message.prefix, self._message.content(), self._behind_content)
            async with aclosing(encoded) as blocks:
                async for block in blocks:
                    if connection.reply_waiting:
                        return await self._early_reply()
                    connection.write(block)
                    await connection.flushed(Stage.DATA, timeouts.block)
                    if not connection.writable:
                        return await self._early_reply()
        except DeliveryFailure:
            if connection.reply_waiting:
                return await self._early_reply()
            raise
        except Exception as error:
            # Without the final dot the server forgets the message; closing is the only way out of DATA.
            connection.abort()
            text = "the message can't be read here"
            raise local_failure(Stage.DATA, 451, "4.3.0", text, cause=repr(error)) from error
        return await connection.reply(Stage.END, timeouts.end)

    async def _behind_content(self) -> bytes:
        """The commands of the following transaction, if it may begin, as soon as this one may end."""
        if self._may_end is not None:
            await self._may_end()
        transcript = self._session.connection.transcript
        if transcript.wanted:
            transcript.sent(f"[message of {self._message.size} bytes]")
        if self._following is None or not all(map(self._needs_no_other, range(len(self._recipients)))):
            return b""
        return self._following.begin()

    async def _early_reply(self) -> Reply:
        """What the server said while the content was still on its way: only a refusal makes sense there.

        The rest of the content can't be taken back, so the connection is of no more use.
        """
        connection = self._session.connection
        connection.broken = True
        reply = await connection.reply(Stage.DATA, self._session.timeouts.quit)
        if reply.code < 400:
            raise refused(Stage.DATA, reply)
        return reply

    async def _reply(self, stage: Stage) -> Reply:
        self._session.stage = stage
        timeouts = self._session.timeouts
        seconds = timeouts.data if stage is Stage.DATA else timeouts.command
        return await self._session.connection.reply(stage, seconds)

    def _mail_line(self) -> str:
        parameters = mail_parameters(self._message, self._recipients, self._session.extensions)
        return " ".join([f"MAIL FROM:<{self._message.sender}>", *parameters])

    def _rcpt_line(self, index: int) -> str:
        return f"RCPT TO:<{self._recipients[index]}>"


def _may_be_too_many(reply: Reply) -> bool:
    """Whether a refusal at RCPT is about the number of recipients (RFC 5321 section 4.5.3.1.10).

    An enhanced code may say otherwise: 2 is about the mailbox, 3 about the server.
    """
    return reply.code in (452, 552) and reply.enhanced[2:4] not in ("2.", "3.")
