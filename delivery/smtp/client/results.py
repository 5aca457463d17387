"""What came of a transaction: one result for each recipient, and facts about the connection."""

from dataclasses import dataclass
from enum import StrEnum

from delivery.smtp.client.failure import DeliveryFailure, Stage
from mail.errors import Reply


class Outcome(StrEnum):
    """What happens next with a recipient."""

    DELIVERED = "delivered"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    AGAIN = "again"
    """Not refused, only one too many: to be sent in another transaction over the same connection."""


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """How a connection was encrypted. `verification_error` is empty when the certificate is trusted."""

    version: str
    cipher: str
    verification_error: str

    @property
    def verified(self) -> bool:
        """Whether the certificate was for the host and from a trusted authority."""
        return not self.verification_error


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """Where a transaction happened. Durations are seconds: connecting, and from then to the end of login."""

    host: str
    ip: str
    port: int
    tls: TlsFacts | None = None
    connect_seconds: float = 0.0
    setup_seconds: float = 0.0
    mechanism: str = ""
    """The SASL mechanism of the login, empty without login."""
    policy: str = ""
    """What TLS had to be and why, such as "opportunistic", "required", "mta-sts", "dane"."""
    reused: bool = False
    """Whether the session had been open for an earlier message; connecting and setup took no time then."""


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What came of one recipient.

    `reply` is the server's (`remote`) or ours. `connection` is where it was said, None when none was made.
    """

    address: str
    outcome: Outcome
    reply: Reply
    remote: bool
    stage: Stage
    connection: ConnectionFacts | None = None


@dataclass(frozen=True, slots=True)
class TransactionResult:
    """One result for each recipient, in their order.

    `usable` says whether the connection is in step for another transaction.
    """

    recipients: tuple[RecipientResult, ...]
    connection: ConnectionFacts
    usable: bool


def failed(address: str, failure: DeliveryFailure, connection: ConnectionFacts | None) -> RecipientResult:
    """The result of a recipient that `failure` concerns."""
    outcome = Outcome.TEMPORARY if failure.temporary else Outcome.PERMANENT
    return RecipientResult(address, outcome, failure.public, failure.remote, failure.stage, connection)
