"""A backend that keeps everything in memory and does what a test tells it to."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from delivery.smtp.server.backend import ScramSalt, SessionInfo, Success, Transaction
from mail.addresses.address import Address
from mail.errors import MailError, Reply
from mail.sasl.cram_md5 import CramMd5Claim, make_cram_md5_verifier
from mail.sasl.exchange import PasswordClaim
from mail.sasl.offer import SERVER_MECHANISMS, Claim
from mail.sasl.verifier import make_verifier

PASSWORD = "open sesame"
SALT, ITERATIONS = b"0123456789abcdef", 4096


@dataclass(frozen=True)
class Account:
    """Who has logged in."""

    username: str


@dataclass
class MemorySpool:
    """The content of one message, and what became of it."""

    backend: "MemoryBackend"
    transaction: Transaction
    chunks: list[bytes] = field(default_factory=list)
    outcome: str = ""

    @property
    def content(self) -> bytes:
        return b"".join(self.chunks)

    def write(self, chunk: bytes) -> Awaitable[None] | None:
        assert not self.outcome
        self.chunks.append(chunk)
        return self.backend.on_write(self)

    async def commit(self) -> Reply:
        assert not self.outcome
        self.outcome = "committing"
        reply = await self.backend.on_commit(self)
        self.outcome = "committed"
        self.backend.accepted.append(self)
        return reply

    def abort(self) -> None:
        assert self.outcome == ""
        self.outcome = "aborted"


def check(claim: Claim) -> bytes | None:
    """The server's proof if the claim is made with alice's password."""
    if isinstance(claim, PasswordClaim):
        return b"" if claim.password == PASSWORD else None
    if isinstance(claim, CramMd5Claim):
        right = make_cram_md5_verifier(PASSWORD).matches(claim.challenge, claim.digest)
        return b"" if right else None
    verifier = make_verifier(PASSWORD, claim.hash_name, SALT, ITERATIONS)
    return claim.answer(verifier.server_key) if claim.matches(verifier.stored_key) else None


class MemoryBackend:
    """Accepts mail for everybody but nobody@example.org; alice's password is "open sesame"."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.sessions: list[SessionInfo] = []
        self.spools: list[MemorySpool] = []
        self.accepted: list[MemorySpool] = []
        self.on_write: Callable[[MemorySpool], Awaitable[None] | None] = lambda spool: None
        self.on_commit: Callable[[MemorySpool], Awaitable[Reply]] = self._accept
        self.on_connect: Callable[[SessionInfo], None] = lambda session: None
        self.possible: Collection[str] = SERVER_MECHANISMS
        self.gone = asyncio.Event()

    def connected(self, session: SessionInfo) -> None:
        self.events.append("connected")
        self.sessions.append(session)
        self.on_connect(session)

    def mechanisms(self, session: SessionInfo) -> Collection[str]:
        return self.possible

    def scram_salt(self, session: SessionInfo, hash_name: str, username: str) -> ScramSalt:
        return ScramSalt(SALT, ITERATIONS)

    async def authenticate(self, session: SessionInfo, mechanism: str, claim: Claim) -> Success:
        await asyncio.sleep(0)
        self.events.append(f"authenticate {mechanism} {claim.username}")
        proof = check(claim) if claim.username == "alice" else None
        if proof is None:
            raise MailError(535, "5.7.8", "wrong user name or password", cause="password differs")
        return Success(Account(claim.username), proof)

    def sender(self, session: SessionInfo, transaction: Transaction) -> Awaitable[None] | None:
        self.events.append(f"sender {transaction.sender}")
        if transaction.sender == Address("mallory", "other.example"):
            raise MailError(550, "5.7.1", "not from you")
        return asyncio.sleep(0)

    def recipient(self, transaction: Transaction, address: Address) -> Awaitable[None] | None:
        self.events.append(f"recipient {address}")
        if address.localpart == "nobody":
            raise MailError(550, "5.1.1", "no such address")
        if address.localpart == "broken":
            raise RuntimeError("secret internals")
        return asyncio.sleep(0) if address.localpart == "slow" else None

    def begin_data(self, transaction: Transaction) -> MemorySpool:
        self.spools.append(MemorySpool(self, transaction))
        return self.spools[-1]

    def reset(self, transaction: Transaction) -> None:
        self.events.append("reset")

    def disconnected(self, session: SessionInfo) -> None:
        self.events.append("disconnected")
        self.gone.set()

    async def _accept(self, spool: MemorySpool) -> Reply:
        return Reply(250, "2.0.0", f"accepted, id {spool.transaction.session.id}")
