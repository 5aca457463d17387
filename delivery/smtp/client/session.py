"""From a fresh connection to a server that is ready for MAIL: greeting, EHLO, STARTTLS, login."""

import asyncio
from dataclasses import dataclass, field

from delivery.smtp.client.authentication import authenticate
from delivery.smtp.client.connection import Connection
from delivery.smtp.client.credentials import Credentials
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure, refused
from delivery.smtp.client.results import ConnectionFacts, TlsFacts
from delivery.smtp.client.timeouts import Timeouts
from delivery.smtp.client.tls import TlsMode, TlsPolicy, Trust
from delivery.smtp.extensions import Extensions, parse_extensions
from mail import clock
from mail.errors import Reply

_HELO_INSTEAD = range(500, 505)


@dataclass(frozen=True, slots=True)
class Greeter:
    """How we introduce ourselves and what we demand; the same for every host of a transport."""

    ehlo_name: str
    tls: TlsPolicy
    trust: Trust
    credentials: Credentials | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)


@dataclass(slots=True)
class Session:
    """A connection with what is known about the server."""

    connection: Connection
    timeouts: Timeouts
    facts: ConnectionFacts
    extensions: Extensions = field(default_factory=Extensions)
    stage: Stage = Stage.GREETING
    transaction_open: bool = False
    """Whether the server still holds a transaction that must be reset before the next."""

    @property
    def usable(self) -> bool:
        """Whether another transaction can be tried."""
        return not self.connection.broken

    async def command(self, stage: Stage, line: str) -> Reply:
        """Send one command and wait for its reply, whatever it is."""
        self.stage = stage
        self.connection.write_line(line)
        return await self.connection.reply(stage, self.timeouts.command)


async def open_session(
    connection: Connection, host: str, ip: str, port: int, greeter: Greeter, *, connect_seconds: float = 0.0
) -> Session:
    """Bring the session to where MAIL can follow.

    Raises DeliveryFailure. The connection is closed then, with a QUIT where the server refused something.
    """
    started = clock.monotonic()
    session = Session(connection, greeter.timeouts, ConnectionFacts(host, ip, port))
    tls = mechanism = None
    try:
        async with asyncio.timeout(greeter.timeouts.setup):
            tls = await _introduce(session, host, greeter)
            if greeter.credentials is not None:
                session.stage = Stage.AUTH
                mechanism = await authenticate(
                    connection, greeter.credentials, session.extensions, session.timeouts.command
                )
    except TimeoutError:
        connection.abort()
        text = f"the server was not ready within {greeter.timeouts.setup:g} s"
        failure = local_failure(session.stage, 451, "4.4.2", text)
        failure.ip, failure.policy = ip, greeter.tls.label
        raise failure from None
    except DeliveryFailure as failure:
        failure.ip, failure.dual_stack, failure.policy = ip, connection.dual_stack, greeter.tls.label
        leave(session)
        raise
    except BaseException:
        connection.abort()
        raise
    setup_seconds = clock.monotonic() - started
    session.facts = ConnectionFacts(
        host, ip, port, tls, connect_seconds, setup_seconds, mechanism or "", policy=greeter.tls.label
    )
    return session


async def _introduce(session: Session, host: str, greeter: Greeter) -> TlsFacts | None:
    """Greeting, EHLO and TLS in the order that the TLS mode asks for."""
    mode = greeter.tls.mode
    tls = None
    if mode is TlsMode.IMMEDIATE:
        tls = await _start_tls(session, host, greeter)
    await _greeting(session)
    await _hello(session, greeter.ehlo_name, helo_allowed=tls is None)
    if mode is TlsMode.REQUIRED or (mode is TlsMode.OPPORTUNISTIC and session.extensions.starttls):
        reply = await session.command(Stage.STARTTLS, "STARTTLS")
        if reply.code != 220:
            raise refused(Stage.STARTTLS, reply)
        tls = await _start_tls(session, host, greeter)
        await _hello(session, greeter.ehlo_name, helo_allowed=False)
    return tls


async def _greeting(session: Session) -> None:
    session.stage = Stage.GREETING
    reply = await session.connection.reply(Stage.GREETING, session.timeouts.greeting)
    if reply.code != 220:
        raise refused(Stage.GREETING, reply)


async def _hello(session: Session, ehlo_name: str, *, helo_allowed: bool) -> None:
    reply = await session.command(Stage.EHLO, f"EHLO {ehlo_name}")
    if reply.code == 250:
        session.extensions = parse_extensions(reply)
        session.connection.replies.enhanced_codes = session.extensions.enhanced_status_codes
        return
    if helo_allowed and reply.code in _HELO_INSTEAD:
        reply = await session.command(Stage.EHLO, f"HELO {ehlo_name}")
    if reply.code != 250:
        raise refused(Stage.EHLO, reply)


async def _start_tls(session: Session, host: str, greeter: Greeter) -> TlsFacts:
    """Shake hands, and forget all that was said in clear text (RFC 3207 section 4.2)."""
    session.stage = Stage.TLS
    session.extensions = Extensions()
    connection = session.connection
    connection.replies.enhanced_codes = False
    policy = greeter.tls
    context = greeter.trust.verifying if policy.verify else greeter.trust.accepting
    await connection.start_tls(
        context, host, session.timeouts.handshake, indicated_name=policy.indicated_name
    )
    assert connection.tls is not None
    error = connection.tls.verification_error
    if policy.vouch is not None:
        error = policy.vouch(connection.tls.peer_chain)
        if error:
            raise local_failure(Stage.TLS, 454, "4.7.5", error)
    return TlsFacts(connection.tls.version, connection.tls.cipher, error)


_leaving: set[asyncio.Task[None]] = set()


def leave(session: Session) -> asyncio.Task[None] | None:
    """Say QUIT and close, without making anyone wait for the goodbye. A broken connection is just closed.

    Gives what waits for the goodbye, if there will be one.
    """
    if session.connection.broken:
        session.connection.abort()
        return None
    session.connection.write_line("QUIT")
    task = asyncio.create_task(_await_goodbye(session))
    _leaving.add(task)
    task.add_done_callback(_leaving.discard)
    return task


async def _await_goodbye(session: Session) -> None:
    try:
        await session.connection.reply(Stage.END, session.timeouts.quit)
    except BaseException as error:
        session.connection.abort()
        if not isinstance(error, DeliveryFailure):
            raise
    else:
        session.connection.close()
