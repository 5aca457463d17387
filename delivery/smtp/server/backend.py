"""What the server asks of those who know accounts and store mail.

Where a method may answer with an awaitable, an immediate answer is cheaper and as good. Awaitables run on
the server's event loop. Every method may raise MailError, whose reply the client then gets, except those
that say otherwise; any other exception is logged and answered with 451.
"""

from collections.abc import Awaitable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias, TypeVar

from delivery.smtp.server.future_release import FutureRelease
from mail.addresses.address import Address
from mail.errors import Reply
from mail.sasl.offer import Claim
from mail.tls.engine import TlsInfo

T = TypeVar("T")
Soon: TypeAlias = T | Awaitable[T]
"""An answer, or an awaitable of it."""


class Service(StrEnum):
    """What a listener is for."""

    SMTP = "smtp"
    """Mail from other servers (port 25)."""
    SUBMISSION = "submission"
    """Mail from our users, TLS after STARTTLS (port 587)."""
    SUBMISSIONS = "submissions"
    """Mail from our users, TLS from the first byte (port 465)."""

    @property
    def is_submission(self) -> bool:
        """Whether clients have to log in."""
        return self is not Service.SMTP


class Identity(Protocol):
    """Who has logged in, as the backend knows it."""

    @property
    def username(self) -> str:
        """The login's name, for logs and trace fields."""


@dataclass(frozen=True, slots=True)
class ScramSalt:
    """What a SCRAM client needs for computing its proof (RFC 5802 section 5.1)."""

    salt: bytes
    iterations: int


@dataclass(frozen=True, slots=True)
class Success:
    """Who has logged in, and what the server proves in return; empty but for SCRAM."""

    identity: Identity
    proof: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class SessionInfo:
    """One connection.

    `ehlo_name` is what the client called itself, empty before EHLO or HELO. `tls` is None in the clear.
    `mechanism` is the one that `identity` has logged in by. `state` belongs to the backend.
    """

    id: str
    service: Service
    remote_address: str
    remote_port: int
    local_address: str
    local_port: int
    ehlo_name: str = ""
    extended: bool = False
    """Whether the client said EHLO rather than HELO."""
    tls: TlsInfo | None = None
    identity: Identity | None = None
    mechanism: str = ""
    state: object = None


@dataclass(slots=True)
class Transaction:
    """One message on its way in, from MAIL to the end of its content.

    `sender` is None for the null envelope sender. `size` is what the client declared, in bytes, or None.
    `eight_bit`, `smtputf8` and `require_tls` are the declarations BODY=8BITMIME, SMTPUTF8 and REQUIRETLS.
    `release` asks for the message to be kept back for a while. `state` belongs to the backend.
    """

    session: SessionInfo
    sender: Address | None
    size: int | None = None
    eight_bit: bool = False
    smtputf8: bool = False
    require_tls: bool = False
    release: FutureRelease | None = None
    recipients: list[Address] = field(default_factory=list)
    state: object = None

    @property
    def protocol(self) -> str:
        """The word after "with" in a Received header field (RFC 3848, RFC 6531 section 3.7.3)."""
        if not self.session.extended:
            return "SMTP"
        word = "UTF8SMTP" if self.smtputf8 else "ESMTP"
        if self.session.tls is not None:
            word += "S"
        if self.session.identity is not None:
            word += "A"
        return word


class Spool(Protocol):
    """Takes the content of one message. After writing, either `commit` or `abort` is called, once."""

    def write(self, chunk: bytes) -> Awaitable[None] | None:
        """The next piece of content. The next one comes when the awaitable, if any, is done."""

    async def commit(self) -> Reply:
        """The content is complete. A positive reply promises that the message is safe."""

    def abort(self) -> None:
        """Forget everything. Cheap, never fails, never waits."""


class Backend(Protocol):
    """Decides about clients, senders and recipients, and keeps messages."""

    def connected(self, session: SessionInfo) -> Soon[None]:
        """A client has connected. A MailError is its greeting, and the connection is closed."""

    def mechanisms(self, session: SessionInfo) -> Collection[str]:
        """The names of the SASL mechanisms that somebody can log in by (mail.sasl.offer). Never fails."""

    def scram_salt(self, session: SessionInfo, hash_name: str, username: str) -> Soon[ScramSalt]:
        """The salt of this user name; one that nobody has gets another one, always the same."""

    def authenticate(self, session: SessionInfo, mechanism: str, claim: Claim) -> Soon[Success]:
        """Who this is. Raises MailError, 535 5.7.8 for wrong credentials."""

    def sender(self, session: SessionInfo, transaction: Transaction) -> Soon[None]:
        """MAIL: whether this envelope sender, with what `transaction` declares, is accepted."""

    def recipient(self, transaction: Transaction, address: Address) -> Soon[None]:
        """RCPT: whether mail for this address is accepted. It is in `transaction.recipients` afterwards."""

    def begin_data(self, transaction: Transaction) -> Soon[Spool]:
        """DATA: where the content goes."""

    def reset(self, transaction: Transaction) -> None:
        """The transaction ended without `commit`. Never fails."""

    def disconnected(self, session: SessionInfo) -> None:
        """The client has gone. Called once for every `connected`, last of all. Never fails."""
