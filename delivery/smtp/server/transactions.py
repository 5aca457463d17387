"""The commands that carry an envelope: MAIL and RCPT (RFC 5321 section 3.3)."""
# ruff: noqa: N802

from typing import Final

from aiosmtpd.smtp import syntax

from delivery.smtp.server.backend import Transaction
from delivery.smtp.server.content import Content
from delivery.smtp.server.environment import settle
from delivery.smtp.server.future_release import future_release_keyword
from delivery.smtp.server.parameters import mail_parameters, parse_parameters, refuse_unknown
from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_path
from mail.errors import MailError

_SENDER_OK: Final = b"250 2.1.0 ok\r\n"
_RECIPIENT_OK: Final = b"250 2.1.5 ok\r\n"


class Session(Content):
    """A whole SMTP session."""

    @syntax("MAIL FROM:<address> [parameters]")
    async def smtp_MAIL(self, arg: str | None) -> None:
        """Start a transaction."""
        self.require_greeting()
        self.require_authentication()
        if self.transaction is not None:
            raise MailError(503, "5.5.1", "a message is in progress already")
        sender, parameters = self._path("FROM:", arg, "5.1.7")
        declared = mail_parameters(parameters, submission=self.info.service.is_submission)
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
            release=declared.release,
        )
        await settle(self.backend.sender(self.info, transaction))
        self.begin_transaction(transaction)
        self.write(_SENDER_OK)

    @syntax("RCPT TO:<address>")
    async def smtp_RCPT(self, arg: str | None) -> None:
        """Add a recipient."""
        transaction = self.require_transaction()
        self.refuse_after_content()
        recipient, parameters = self._path("TO:", arg, "5.1.3")
        if recipient is None:
            raise MailError(501, "5.1.3", "a recipient needs an address")
        if parameters:
            refuse_unknown(parse_parameters(parameters))
        _check_declared(arg, transaction.smtputf8)
        if len(transaction.recipients) >= self._most_recipients(transaction):
            raise MailError(452, "4.5.3", "too many recipients")
        await settle(self.backend.recipient(transaction, recipient))
        transaction.recipients.append(recipient)
        self.write(_RECIPIENT_OK)

    def keywords(self) -> list[str]:
        """What a transaction may ask for. TLS all the way is for mail on its way out (RFC 8689 section 2)."""
        offered = [*super().keywords(), f"LIMITS RCPTMAX={self.limits.recipients}"]
        if self._offers_requiretls:
            offered.append("REQUIRETLS")
        if self.info.service.is_submission:
            offered.append(future_release_keyword())
        return offered

    @property
    def _offers_requiretls(self) -> bool:
        return self.info.service.is_submission and self.info.tls is not None

    def _most_recipients(self, transaction: Transaction) -> int:
        """A notification is for who sent the one message it is about (RFC 3464 section 2.1)."""
        from_a_server = not self.info.service.is_submission
        return 1 if transaction.sender is None and from_a_server else self.limits.recipients

    def _path(self, keyword: str, argument: str | None, enhanced: str) -> tuple[Address | None, str]:
        """Address and parameters after FROM: or TO:. Raises MailError.

        Blanks after the colon and addresses without angle brackets come from mail programs of users, and
        from other servers only when they send junk.
        """
        if argument is None or argument[: len(keyword)].upper() != keyword:
            raise MailError(501, "5.5.4", f"{keyword}<address> is missing")
        path = argument[len(keyword) :]
        if not path.startswith("<") and not self.info.service.is_submission:
            raise MailError(501, enhanced, f"angle brackets are needed right after {keyword}")
        try:
            return parse_path(path)
        except AddressError as error:
            raise MailError(501, enhanced, str(error)) from error


def _check_declared(argument: str | None, smtputf8: bool) -> None:
    """An address with other than ASCII characters needs the declaration (RFC 6531 section 3.4)."""
    if argument is not None and not argument.isascii() and not smtputf8:
        raise MailError(553, "5.6.7", "this address needs SMTPUTF8")
