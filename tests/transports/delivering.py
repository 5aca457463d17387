"""Short ways to run a transport against the servers of a test."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from delivery.smtp.client.message import ContentSource, OutgoingMessage
from delivery.smtp.client.timeouts import Timeouts
from delivery.smtp.client.tls import Trust, load_trust
from delivery.transports.connections import ConnectionCache
from delivery.transports.group import DeliveryContext, Group, GroupResult, Mail
from delivery.transports.kinds import kind_named
from mail.dns.resolver import Resolver
from tests.world.dns import FakeDns
from tests.world.smtp_peer import Script, SmtpPeer

CONTENT = b"Subject: hello\r\n\r\nHello Carol\r\n"
SENDER = "alice@example.org"
CAROL, DAVE = "carol@remote.example", "dave@remote.example"
OTHER = "erin@other.example"
SHORT = Timeouts(
    connect=2, setup=5, greeting=5, command=5, handshake=5, data=5, block=5, end=5, quit=1, session=20
)

_trusts: dict[Path | None, Trust] = {}


def trust_in(ca_file: Path | None = None) -> Trust:
    """The system's authorities and those in `ca_file`, read once."""
    if ca_file not in _trusts:
        _trusts[ca_file] = load_trust(ca_file)
    return _trusts[ca_file]


def source(content: bytes) -> ContentSource:
    """Content in one piece, as often as it is asked for."""

    async def pieces() -> AsyncIterator[bytes]:
        yield content

    return pieces


def mail(
    *recipients: str,
    key: int = 1,
    content: bytes = CONTENT,
    size: int | None = None,
    eight_bit: bool = False,
    smtputf8: bool = False,
) -> Mail:
    """A mail from alice."""
    length = len(content) if size is None else size
    message = OutgoingMessage(SENDER, source(content), length, eight_bit=eight_bit, smtputf8=smtputf8)
    return Mail(key, message, recipients)


def recorded_at_once() -> "Future[Any]":
    """What is on disk already."""
    recorded: Future[Any] = Future()
    recorded.set_result(None)
    return recorded


class Elsewhere:
    """Mail servers on loopback addresses, all on one port, and the DNS that leads to them."""

    def __init__(self, dns: FakeDns) -> None:
        self.dns = dns
        self.port = 0
        self.trust = trust_in()
        self.timeouts = SHORT
        self.settled: list[GroupResult] = []
        self.record: Callable[[], Future[Any]] = recorded_at_once
        """Gives what is done when a result is on disk."""
        self.connections: ConnectionCache | None = None
        self._stack = ExitStack()

    def server(
        self, host: str, script: Script, *, ip: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> SmtpPeer:
        """A server at `host`, which has `ip` in DNS."""
        peer = self._stack.enter_context(SmtpPeer(script, ip=ip, port=self.port, tls=tls))
        self.port = peer.port
        kind = "AAAA" if ":" in ip else "A"
        known = self.dns.zones.get(host, {}).get(kind, [])
        self.dns.add(host, {kind: [*known, ip]})
        return peer

    def domain(self, name: str, *exchangers: str) -> None:
        """MX records in the form "10 mx.remote.example."."""
        self.dns.add(name, {"MX": exchangers})

    def deliver(
        self, *mails: Mail, kind: str = "direct", settings: Mapping[str, object] | None = None
    ) -> GroupResult:
        """Run the transport."""
        return asyncio.run(self.deliver_async(mails, kind, settings or {}))

    async def deliver_async(
        self, mails: Sequence[Mail], kind: str, settings: Mapping[str, object]
    ) -> GroupResult:
        """The same on a running loop."""
        chosen = kind_named(kind)
        return await chosen.deliver(chosen.read(settings), Group(tuple(mails)), self.context())

    def context(self) -> DeliveryContext:
        """What a process would know. Made on the loop that uses it."""
        return DeliveryContext(
            resolver=Resolver(self.dns.address, try_seconds=0.5, deadline_seconds=1),
            trust=self.trust,
            ehlo_name="mail.example.org",
            remote_port=self.port or 1,
            timeouts=self.timeouts,
            settled=self._note,
            connections=self.connections,
        )

    def _note(self, group: GroupResult) -> "Future[Any]":
        self.settled.append(group)
        return self.record()

    def close(self) -> None:
        """Stop the servers, and raise what went wrong in their scripts."""
        self._stack.close()

    def hurry(self, **seconds: float) -> None:
        """Shorter deadlines."""
        self.timeouts = replace(self.timeouts, **seconds)
