"""A backend that keeps everything in memory and does what a test tells it to."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from delivery.smtp.server.backend import SessionInfo, Transaction
from mail.addresses.address import Address
from mail.errors import MailError, Reply


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
        self.gone = asyncio.Event()

    def connected(self, session: SessionInfo) -> None:
        self.events.append("connected")
        self.sessions.append(session)
        self.on_connect(session)

    async def authenticate(
        self, session: SessionInfo, mechanism: str, username: str, password: str
    ) -> Account:
        await asyncio.sleep(0)
        self.events.append(f"authenticate {mechanism} {username}")
        if (username, password) != ("alice", "open sesame"):
            raise MailError(535, "5.7.8", "wrong user name or password", cause="password differs")
        return Account(username)

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
