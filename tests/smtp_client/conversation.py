"""Short ways to run the client against a server of the test."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from delivery.smtp.client.connect import connect
from delivery.smtp.client.connection import Connection
from delivery.smtp.client.credentials import Credentials
from delivery.smtp.client.message import ContentSource, OutgoingMessage
from delivery.smtp.client.results import TransactionResult
from delivery.smtp.client.session import Greeter, Session, leave, open_session
from delivery.smtp.client.timeouts import Timeouts
from delivery.smtp.client.tls import TlsMode, TlsPolicy, Trust, load_trust
from delivery.smtp.client.transaction import send_message
from delivery.smtp.client.transcript import Line
from tests.world.smtp_peer import SmtpPeer

CONTENT = b"Subject: hello\r\n\r\nHello Carol\r\n.\r\nbye\r\n"
SENDER = "alice@example.org"
CAROL, DAVE, ERIN = "carol@remote.example", "dave@remote.example", "erin@remote.example"
NO_TLS = TlsPolicy(TlsMode.NONE, verify=False)
SHORT = Timeouts(
    connect=2, setup=5, greeting=5, command=5, handshake=5, data=5, block=5, end=5, quit=1, session=20
)

_no_trust: list[Trust] = []


def greeter(
    *,
    tls: TlsPolicy = NO_TLS,
    trust: Trust | None = None,
    credentials: Credentials | None = None,
    timeouts: Timeouts = SHORT,
) -> Greeter:
    """A greeter as a test wants it; without `trust` it knows no authority of the tests."""
    if not _no_trust:
        _no_trust.append(load_trust())
    return Greeter("mail.example.org", tls, trust or _no_trust[0], credentials, timeouts)


def source(*pieces: bytes) -> ContentSource:
    """Content in these pieces."""

    async def content() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return content


def message(
    content: bytes = CONTENT, *, sender: str = SENDER, eight_bit: bool = False, smtputf8: bool = False
) -> OutgoingMessage:
    """A message with `content` in one piece."""
    return OutgoingMessage(sender, source(content), len(content), eight_bit=eight_bit, smtputf8=smtputf8)


async def open_to(
    server: SmtpPeer, how: Greeter, *, host: str = "mx.remote.example", lines: list[Line] | None = None
) -> Session:
    """A session with the server, ready for MAIL."""
    connection = await connected(server, lines)
    return await open_session(connection, host, server.ip, server.port, how)


async def connected(server: SmtpPeer, lines: list[Line] | None = None) -> Connection:
    """A connection on which nothing was said."""
    observer = None if lines is None else lines.append
    return await connect(server.ip, server.port, seconds=5, observer=observer)


def open_and_leave(server: SmtpPeer, how: Greeter, lines: list[Line] | None = None) -> Session:
    """Open a session and say goodbye."""

    async def main() -> Session:
        session = await open_to(server, how, lines=lines)
        leave(session)
        return session

    return asyncio.run(main())


def send(
    server: SmtpPeer,
    recipients: Sequence[str] = (CAROL,),
    what: OutgoingMessage | None = None,
    *,
    how: Greeter | None = None,
    require_eight_bit: bool = True,
) -> TransactionResult:
    """One transaction over one connection."""

    async def main() -> TransactionResult:
        session = await open_to(server, how or greeter())
        result = await send_message(
            session, what or message(), recipients, require_eight_bit=require_eight_bit
        )
        leave(session)
        return result

    return asyncio.run(main())
