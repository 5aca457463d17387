"""What is handed to the mail server: envelope and complete message."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from delivery.sendmail.author import envelope_sender, from_field
from delivery.sendmail.configuration import Configuration
from delivery.sendmail.letter import Letter
from delivery.sendmail.options import Options
from delivery.sendmail.recipients import Recipients, find_recipients
from delivery.smtp.client.message import OutgoingMessage
from mail import clock
from mail.addresses.address import Address
from mail.mime.generate import date_field, message_id_field, new_message_id

_UNDISCLOSED = b"To: undisclosed-recipients:;\r\n"


@dataclass(frozen=True, slots=True)
class Submission:
    """One message for one server. `header_is_international`: its header has UTF-8 outside ASCII."""

    sender: Address | None
    recipients: Recipients
    content: bytes
    header_is_international: bool
    require_tls: bool = False

    def outgoing(self, *, smtputf8_offered: bool) -> OutgoingMessage:
        """The message for the SMTP client.

        UTF-8 in the header asks for SMTPUTF8 where the server has it. Other servers get it like any 8-bit
        text, as scripts have always sent it; only addresses outside ASCII can't go there.
        """

        async def pieces() -> AsyncIterator[bytes]:
            yield self.content

        return OutgoingMessage(
            sender=str(self.sender or ""),
            content=pieces,
            size=len(self.content),
            eight_bit=not self.content.isascii(),
            smtputf8=self.header_is_international and smtputf8_offered,
            require_tls=self.require_tls,
        )


def make_submission(letter: Letter, options: Options, configuration: Configuration) -> Submission:
    """The letter with what it lacks. Raises mail.addresses.domain.AddressError for the sender."""
    sender = envelope_sender(options.sender, configuration)
    header = letter.header if options.from_header else None
    recipients = find_recipients(options.recipients, header, configuration)
    added = []
    if "Date" not in letter.header:
        added.append(date_field(clock.now()))
    if "Message-ID" not in letter.header:
        added.append(message_id_field(new_message_id(configuration.hostname)))
    author = from_field(letter.header, sender, options.name, configuration)
    if author is not None:
        letter = letter.without("From")
        added.append(author)
    if "To" not in letter.header and "Cc" not in letter.header:
        added.append(_to_field(recipients.addresses, options))
    if configuration.require_tls == "no" and "TLS-Required" not in letter.header:
        added.append(b"TLS-Required: No\r\n")
    header_bytes = b"".join([*added, bytes(letter.header)])
    return Submission(
        sender=sender,
        recipients=recipients,
        content=letter.sendable(added),
        header_is_international=_is_international(header_bytes),
        require_tls=configuration.require_tls == "yes",
    )


def _to_field(recipients: Sequence[Address], options: Options) -> bytes:
    """The one recipient; of several, or one that stood in Bcc, readers are told nothing."""
    if len(recipients) != 1 or options.from_header:
        return _UNDISCLOSED
    return f"To: {recipients[0]}\r\n".encode()


def _is_international(header: bytes) -> bool:
    try:
        return not header.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False
