"""The commands that carry mail: MAIL, RCPT, DATA (RFC 5321 section 3.3)."""
# ruff: noqa: N802

from aiosmtpd.smtp import syntax

from delivery.smtp.server.authentication import Authentication
from delivery.smtp.server.backend import Transaction
from delivery.smtp.server.environment import settle
from delivery.smtp.server.parameters import mail_parameters, parse_parameters, refuse_unknown
from delivery.smtp.server.reception import Reception
from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_path
from mail.errors import MailError


class Session(Authentication):
    """A whole SMTP session."""

    @syntax("MAIL FROM:<address> [parameters]")
    async def smtp_MAIL(self, arg: str | None) -> None:
        """Start a transaction."""
        self.require_greeting()
        self.require_authentication()
        if self.transaction is not None:
            raise MailError(503, "5.5.1", "a message is in progress already")
        sender, parameters = _path("FROM:", arg, "5.1.7")
        declared = mail_parameters(parameters)
        if parameters and not self.info.extended:
            raise MailError(555, "5.5.4", "parameters need EHLO")
        if declared.size is not None and declared.size > self.limits.message_size:
            limit = self.limits.message_size
            raise MailError(552, "5.3.4", f"the message is larger than {limit} bytes")
        if sender is not None and not sender.domain:
            raise MailError(553, "5.1.7", "the sender's address needs a domain")
        if declared.require_tls and not self._offers_requiretls:
            raise MailError(555, "5.5.4", "parameter REQUIRETLS is not supported")
        _check_declared(arg, declared.smtputf8)
        transaction = Transaction(
            self.info,
            sender,
            declared.size,
            declared.eight_bit,
            declared.smtputf8,
            require_tls=declared.require_tls,
        )
        await settle(self.backend.sender(self.info, transaction))
        self.transaction = transaction
        self.reply(250, "2.1.0", "ok")

    @syntax("RCPT TO:<address>")
    async def smtp_RCPT(self, arg: str | None) -> None:
        """Add a recipient."""
        transaction = self._require_transaction()
        recipient, parameters = _path("TO:", arg, "5.1.3")
        if recipient is None:
            raise MailError(501, "5.1.3", "a recipient needs an address")
        refuse_unknown(parse_parameters(parameters))
        _check_declared(arg, transaction.smtputf8)
        if len(transaction.recipients) >= self.limits.recipients:
            raise MailError(452, "4.5.3", "too many recipients")
        await settle(self.backend.recipient(transaction, recipient))
        transaction.recipients.append(recipient)
        self.reply(250, "2.1.5", "ok")

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:
        """Take the content and promise to keep it."""
        transaction = self._require_transaction()
        self.refuse_argument(arg)
        if not transaction.recipients:
            raise MailError(554, "5.5.1", "there are no valid recipients")
        try:
            await self._receive(transaction)
        finally:
            self.drop_transaction()

    def keywords(self) -> list[str]:
        """TLS all the way is a promise that only mail on its way out needs (RFC 8689 section 2)."""
        return [*super().keywords(), *(["REQUIRETLS"] if self._offers_requiretls else [])]

    @property
    def _offers_requiretls(self) -> bool:
        return self.info.service.is_submission and self.info.tls is not None

    async def _receive(self, transaction: Transaction) -> None:
        spool = await settle(self.backend.begin_data(transaction))
        self.write(b"354 end with a line that is a single dot\r\n")
        reception = Reception(
            self.stream,
            spool,
            self.limits,
            normalise=self.info.identity is not None,
            internal_error=self.internal_error,
        )
        try:
            await reception.run()
        except MailError as error:
            if reception.is_flooded:
                self.end_session(error.public.code, error.public.enhanced, error.public.text)
            raise
        # From here on the message belongs to the backend, whether the client stays or not.
        self.transaction = None
        reply = await spool.commit()
        self.reply(reply.code, reply.enhanced, reply.text)
        if reply.code < 400:
            self.forgive_errors()

    def _require_transaction(self) -> Transaction:
        if self.transaction is None:
            self.require_greeting()
            self.require_authentication()
            raise MailError(503, "5.5.1", "say MAIL first")
        return self.transaction


def _path(keyword: str, argument: str | None, enhanced: str) -> tuple[Address | None, str]:
    """Address and parameters after FROM: or TO:. Raises MailError."""
    if argument is None or argument[: len(keyword)].upper() != keyword:
        raise MailError(501, "5.5.4", f"{keyword}<address> is missing")
    try:
        return parse_path(argument[len(keyword) :])
    except AddressError as error:
        raise MailError(501, enhanced, str(error)) from error


def _check_declared(argument: str | None, smtputf8: bool) -> None:
    """An address with other than ASCII characters needs the declaration (RFC 6531 section 3.4)."""
    if argument is not None and not argument.isascii() and not smtputf8:
        raise MailError(553, "5.6.7", "this address needs SMTPUTF8")
