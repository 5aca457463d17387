"""What a message demands of a server, checked before anything is sent."""

from collections.abc import Sequence

from delivery.metrics import REQUIRETLS_UNSUPPORTED
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from delivery.smtp.client.message import OutgoingMessage
from delivery.smtp.extensions import Extensions


def needs_smtputf8(message: OutgoingMessage, recipients: Sequence[str]) -> bool:
    """Whether headers or an address of the transaction are internationalised (RFC 6531 section 3.4)."""
    return message.smtputf8 or not all(address.isascii() for address in (message.sender, *recipients))


def unmet_requirement(
    message: OutgoingMessage,
    recipients: Sequence[str],
    extensions: Extensions,
    *,
    require_eight_bit: bool,
) -> DeliveryFailure | None:
    """Why this server can't get the message, or None. Permanent for this server; another may do.

    That a server does not know REQUIRETLS is temporary: whether it will ever do lies with its operator.
    """
    if message.require_tls and not extensions.requiretls:
        REQUIRETLS_UNSUPPORTED.add("norequiretls")
        return requiretls_unmet("the server does not offer REQUIRETLS", Stage.MAIL)
    if extensions.size and message.size > extensions.size:
        text = f"the message has {message.size} bytes; the server takes at most {extensions.size}"
        return local_failure(Stage.MAIL, 552, "5.3.4", text)
    if needs_smtputf8(message, recipients) and not extensions.smtputf8:
        text = "the message needs SMTPUTF8, which the server does not offer"
        return local_failure(Stage.MAIL, 550, "5.6.7", text)
    if message.eight_bit and require_eight_bit and not extensions.eight_bit_mime:
        text = "the message has 8-bit content, which the server does not take (no 8BITMIME)"
        return local_failure(Stage.MAIL, 554, "5.6.3", text)
    return None


def mail_parameters(message: OutgoingMessage, recipients: Sequence[str], extensions: Extensions) -> list[str]:
    """The parameters of MAIL that the server understands (RFC 1870, RFC 6152, RFC 6531, RFC 8689)."""
    parameters = []
    if extensions.size is not None:
        parameters.append(f"SIZE={message.size}")
    if extensions.eight_bit_mime:
        parameters.append("BODY=8BITMIME" if message.eight_bit else "BODY=7BIT")
    if needs_smtputf8(message, recipients) and extensions.smtputf8:
        parameters.append("SMTPUTF8")
    if message.require_tls:
        parameters.append("REQUIRETLS")
    return parameters


def requiretls_unmet(text: str, stage: Stage, *, permanent: bool = False) -> DeliveryFailure:
    """The message demands TLS all the way, which is not to be had here (RFC 8689 section 4.2.1)."""
    if permanent:
        return local_failure(stage, 554, "5.7.30", text)
    return local_failure(stage, 454, "4.7.30", text)
