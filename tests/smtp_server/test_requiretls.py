"""REQUIRETLS is for users under TLS (RFC 8689 section 2)."""

import asyncio

from delivery.smtp.server.backend import Service
from tests.smtp_server.raw import running


def test_it_is_offered_and_taken_for_submission_under_tls_only() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION) as world:
            client = await world.connect()
            assert "REQUIRETLS" not in await client.ask("EHLO client.example")
            await client.secure()
            assert "REQUIRETLS" in await client.ask("EHLO client.example")
            await client.log_in()
            assert (await client.ask("MAIL FROM:<alice@example.org> REQUIRETLS=1")).startswith("501 5.5.4")
            mail = "MAIL FROM:<alice@example.org> REQUIRETLS"
            assert (await client.ask(mail, "RCPT TO:<bob@example.org>", "DATA")).startswith("354")
            assert world.backend.spools[0].transaction.require_tls

    asyncio.run(run())


def test_port_25_does_not_know_it() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect()
            await client.ask("EHLO client.example")
            await client.secure()
            assert "REQUIRETLS" not in await client.ask("EHLO client.example")
            reply = await client.ask("MAIL FROM:<carol@remote.example> REQUIRETLS")
            assert reply == "555 5.5.4 parameter REQUIRETLS is not supported"

    asyncio.run(run())
