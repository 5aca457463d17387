"""STARTTLS and TLS from the first byte."""

import asyncio

import pytest

from delivery.smtp.server.backend import Service
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.listener import serve
from mail.tls.certificates import make_certificate
from mail.tls.context import server_context
from mail.tls.engine import TlsInfo
from tests.smtp_server.memory import MemoryBackend
from tests.smtp_server.raw import FixedCertificate, listening_socket, running


def test_everything_before_the_handshake_is_forgotten() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example", "MAIL FROM:<carol@remote.example>")
            assert await client.ask("STARTTLS") == "220 2.0.0 go ahead"
            await client.start_tls()
            session = world.backend.sessions[0]
            assert await client.ask("RCPT TO:<bob@example.org>") == "503 5.5.1 say EHLO first"
            assert session.ehlo_name == ""
            assert session.tls is not None
            assert session.tls.version == "TLSv1.3"
            assert "reset" in world.backend.events
            await client.ask("EHLO client.example")
            assert (await client.deliver(b"hello\r\n.\r\n")).startswith("250")

    asyncio.run(run())


@pytest.mark.parametrize(
    "injected",
    [b"RSET\r\n", b"MAIL FROM:<mallory@other.example>\r\nRCPT TO:<bob@example.org>\r\n", b"x", b"\r\n"],
)
def test_commands_behind_starttls_are_never_carried_out(injected: bytes) -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example")
            client.send(b"STARTTLS\r\n" + injected)
            assert await client.reply() == "554 5.5.1 nothing may follow STARTTLS before its reply"
            assert await client.ended()
            await world.backend.gone.wait()
            assert world.backend.events == ["connected", "disconnected"]
            assert world.backend.sessions[0].tls is None

    asyncio.run(run())


def test_commands_in_the_clear_after_the_go_ahead_break_the_handshake() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example", "STARTTLS")
            client.send(b"MAIL FROM:<mallory@other.example>\r\n" * 5)
            await client.ended()
            await world.backend.gone.wait()
            assert world.backend.events == ["connected", "disconnected"]
            assert world.server.connections == 0

    asyncio.run(run())


def test_starttls_is_refused_under_tls_and_with_an_argument() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example")
            assert await client.ask("STARTTLS now") == "501 5.5.4 no argument is allowed here"
            await client.secure()
            assert await client.ask("STARTTLS") == "503 5.5.1 TLS is active already"

    asyncio.run(run())


def test_submissions_speaks_tls_from_the_first_byte() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSIONS) as world:
            client = await world.dial()
            await client.start_tls()
            assert (await client.reply()).startswith("220 mail.example.org ESMTP session ")
            assert isinstance(world.backend.sessions[0].tls, TlsInfo)
            assert "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 " in await client.ask("EHLO client.example")
            assert (await client.log_in()).startswith("235")
            assert (await client.deliver(b"hello\r\n.\r\n")).startswith("250")
            assert (await client.ask("QUIT")).startswith("221")
            assert await client.ended()

    asyncio.run(run())


@pytest.mark.parametrize("noise", [b"EHLO client.example\r\n", b"", b"\x16\x03\x01\x02\x00\x01"])
def test_a_client_without_tls_on_submissions_gets_nothing(noise: bytes) -> None:
    async def run() -> None:
        async with running(Service.SUBMISSIONS) as world:
            client = await world.dial()
            client.send(noise)
            client.writer.write_eof()
            answer = await client.reader.read()
            assert b"220" not in answer
            assert world.backend.events == []

    asyncio.run(run())


def test_a_handshake_that_takes_too_long_is_given_up() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSIONS, Limits(handshake_timeout=0.01)) as world:
            client = await world.dial()
            assert await client.ended()
            assert world.backend.events == []

    asyncio.run(run())


def test_a_new_certificate_is_used_by_the_next_connection() -> None:
    async def run() -> None:
        certificate = FixedCertificate()
        async with running(certificate=certificate) as world:
            old = await world.connect()
            await old.secure()
            certificate.context = server_context(*make_certificate(["localhost"]))
            new = await world.connect()
            await new.secure()
            first, second = (
                client.writer.get_extra_info("tls").peer_certificate.serial_number for client in (old, new)
            )
            assert first != second
            assert (await old.ask("NOOP")).startswith("250")

    asyncio.run(run())


def test_submissions_without_certificate_is_a_mistake() -> None:
    async def run() -> None:
        with listening_socket() as listening, pytest.raises(ValueError, match="needs a certificate"):
            await serve(
                [(listening, Service.SUBMISSIONS)], MemoryBackend(), None, Limits(), hostname="localhost"
            )

    asyncio.run(run())
