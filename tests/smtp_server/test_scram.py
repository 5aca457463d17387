"""AUTH by SCRAM and CRAM-MD5: our client, then a hand-written one, and somebody between them."""

import asyncio
import base64
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from OpenSSL import SSL
from scramp import ScramClient as ScrampClient

from delivery.smtp.client.connect import connect
from delivery.smtp.client.credentials import Credentials
from delivery.smtp.client.failure import DeliveryFailure
from delivery.smtp.client.session import leave, open_session
from delivery.smtp.client.tls import TlsMode, TlsPolicy
from delivery.smtp.server.backend import Service
from mail.log.levels import TRACE, TRACEAUTH
from mail.sasl.choice import CLIENT_MECHANISMS
from mail.sasl.scram_messages import NAMES
from tests.smtp_client.conversation import greeter
from tests.smtp_server.memory import PASSWORD, MemoryBackend
from tests.smtp_server.raw import Client, FixedCertificate, World, running
from tests.world.authority import Authority

ACCEPT_ANY = TlsPolicy(TlsMode.IMMEDIATE, verify=False)


def certificate(version: int) -> FixedCertificate:
    made = FixedCertificate()
    made.context.openssl.set_max_proto_version(version)
    return made


async def mechanism_used(port: int, *mechanisms: str, password: str = PASSWORD) -> str:
    """Log in with our client over TLS; the mechanism."""
    how = greeter(tls=ACCEPT_ANY, credentials=Credentials("alice", password, mechanisms))
    connection = await connect("127.0.0.1", port, seconds=5)
    session = await open_session(connection, "localhost", "127.0.0.1", port, how)
    leave(session)
    return session.facts.mechanism


@pytest.mark.parametrize("version", [SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION], ids=["TLS 1.2", "TLS 1.3"])
def test_our_client_logs_in_by_every_mechanism(version: int) -> None:
    async def run() -> None:
        async with running(Service.SUBMISSIONS, certificate=certificate(version)) as world:
            for name in CLIENT_MECHANISMS:
                assert await mechanism_used(world.port, name) == name
                assert world.backend.sessions[-1].mechanism == name
            assert await mechanism_used(world.port) == "SCRAM-SHA-256-PLUS"

    asyncio.run(run())


@pytest.mark.parametrize("name", CLIENT_MECHANISMS)
def test_a_wrong_password_is_refused_by_every_mechanism(name: str) -> None:
    async def run() -> None:
        async with running(Service.SUBMISSIONS) as world:
            with pytest.raises(DeliveryFailure, match="535") as raised:
                await mechanism_used(world.port, name, password="guess")
            assert raised.value.remote
            assert world.backend.sessions[0].identity is None

    asyncio.run(run())


def test_only_what_somebody_can_use_is_offered_and_taken() -> None:
    async def run() -> None:
        backend = MemoryBackend()
        backend.possible = {"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}
        async with running(Service.SUBMISSION, backend=backend) as world:
            client = await world.connect()
            await client.secure()
            offered = await client.ask("EHLO client.example")
            assert "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256" in [line[4:] for line in offered.split("\n")]
            assert await client.ask("AUTH CRAM-MD5") == "504 5.5.4 mechanism not supported"

    asyncio.run(run())


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def decode(reply: str) -> str:
    assert reply.startswith("334 "), reply
    return base64.b64decode(reply[4:]).decode()


async def secured(world: World) -> Client:
    client = await world.connect()
    await client.secure()
    return client


async def server_proof(client: Client, scramp: ScrampClient) -> str:
    """The exchange up to the server's proof; there is no initial response."""
    assert await client.ask("AUTH SCRAM-SHA-1") == "334 "
    scramp.set_server_first(decode(await client.ask(encode(scramp.get_client_first()))))
    return decode(await client.ask(encode(scramp.get_client_final())))


def test_the_server_proves_itself_before_it_welcomes_the_client() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION) as world:
            client = await secured(world)
            scramp = ScrampClient(["SCRAM-SHA-1"], "alice", PASSWORD)
            scramp.set_server_final(await server_proof(client, scramp))
            assert world.backend.sessions[0].identity is None
            assert await client.ask("") == "235 2.7.0 welcome"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("last", "reply"),
    [("*", "501 5.7.0 log-in cancelled"), ("Zm9v", "501 5.5.2 authentication response not understood")],
)
def test_a_client_that_does_not_accept_the_proof_is_not_logged_in(last: str, reply: str) -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION) as world:
            client = await secured(world)
            await server_proof(client, ScrampClient(["SCRAM-SHA-1"], "alice", PASSWORD))
            assert await client.ask(last) == reply
            assert await client.ask("MAIL FROM:<alice@example.org>") == "530 5.7.0 log in first"

    asyncio.run(run())


@pytest.mark.parametrize("level", [TRACE, TRACEAUTH])
@pytest.mark.parametrize("name", CLIENT_MECHANISMS)
def test_nothing_of_an_exchange_is_in_either_log_below_traceauth(
    caplog: pytest.LogCaptureFixture, level: int, name: str
) -> None:
    async def run() -> None:
        async with running(Service.SUBMISSIONS) as world:
            await mechanism_used(world.port, name)
            with contextlib.suppress(DeliveryFailure):
                await mechanism_used(world.port, name, password="guess")

    caplog.set_level(level)
    for side in ("server", "client"):
        logging.getLogger(f"delivery.smtp.{side}").setLevel(level)
    asyncio.run(run())
    lines = [
        str(fields["line"])
        for record in caplog.records
        if (fields := vars(record).get("fields", {})).get("line")
    ]
    assert any(f"AUTH {name}" in line for line in lines)
    payloads = [line for line in lines if line.startswith("334 ") or line.split()[0] == "AUTH"]
    hidden = [line for line in payloads if line.split()[-1] in ("***", name)]
    assert (payloads == hidden) == (level == TRACE)
    if level == TRACE:
        everything = "".join(str(vars(record)) for record in caplog.records)
        for secret in (PASSWORD, "guess", encode(PASSWORD), encode("guess"), encode("n,,n=alice,r=")[:16]):
            assert secret not in everything


@contextlib.asynccontextmanager
async def mallory_before(
    server_port: int, folder: Path, change: Callable[[bytes], bytes]
) -> AsyncIterator[int]:
    """Somebody who ends TLS and starts it anew, and may change what the server says."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, edit: bool) -> None:
        while line := await reader.readline():
            writer.write(change(line) if edit else line)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = await asyncio.open_connection("127.0.0.1", server_port, ssl=trusting)
        with contextlib.suppress(OSError):
            await asyncio.gather(pass_on(reader, inner[1], False), pass_on(inner[0], writer, True))

    context = Authority(folder).server("localhost")
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as listening:
        yield listening.sockets[0].getsockname()[1]


def test_somebody_in_between_can_t_pass_a_bound_login_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with (
            running(Service.SUBMISSIONS) as world,
            mallory_before(world.port, tmp_path, lambda line: line) as port,
        ):
            with pytest.raises(DeliveryFailure, match="another TLS connection"):
                await mechanism_used(port)
            assert await mechanism_used(port, "SCRAM-SHA-256") == "SCRAM-SHA-256"

    asyncio.run(run())
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert vars(warning)["fields"]["cause"] == "channel bindings differ"


def test_somebody_in_between_can_t_hide_that_logins_can_be_bound(tmp_path: Path) -> None:
    def without_plus(line: bytes) -> bytes:
        words = line.split(b" ")
        kept = [word for word in words if not word.strip().endswith(b"-PLUS")]
        return b" ".join(kept)

    async def run() -> None:
        async with (
            running(Service.SUBMISSIONS) as world,
            mallory_before(world.port, tmp_path, without_plus) as port,
        ):
            with pytest.raises(DeliveryFailure, match="something between them"):
                await mechanism_used(port)
            assert not any("authenticate" in event for event in world.backend.events)

    asyncio.run(run())


def test_every_name_of_scram_is_tried_here() -> None:
    assert set(NAMES) < set(CLIENT_MECHANISMS)
