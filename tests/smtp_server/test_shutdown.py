"""Stopping the server."""

import asyncio

from delivery.smtp.server.backend import Service
from tests.smtp_server.raw import running, until

ENVELOPE = ["EHLO client.example", "MAIL FROM:<carol@remote.example>", "RCPT TO:<bob@example.org>"]


def test_idle_sessions_are_told_and_new_ones_refused() -> None:
    async def run() -> None:
        async with running() as world:
            fresh, busy = await world.connect(), await world.connect(*ENVELOPE)
            await world.server.stop(10)
            for client, session in zip((fresh, busy), world.backend.sessions, strict=True):
                assert await client.reply() == f"421 4.3.2 the server is shutting down, session {session.id}"
                assert await client.ended()
            assert world.backend.events.count("disconnected") == 2
            assert world.server.connections == 0
            try:
                await world.dial()
            except ConnectionRefusedError:
                pass
            else:
                raise AssertionError("still listening")

    asyncio.run(run())


def test_a_message_on_its_way_is_finished_first() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(*ENVELOPE, "DATA")
            client.send(b"first half\r\n")
            stopping = asyncio.ensure_future(world.server.stop(10))
            await asyncio.sleep(0)
            client.send(b"second half\r\n.\r\nNOOP\r\n")
            assert (await client.reply()).startswith("250 2.0.0 accepted")
            assert (await client.reply()).startswith("421 4.3.2")
            await stopping
            assert [spool.content for spool in world.backend.accepted] == [b"first half\r\nsecond half\r\n"]

    asyncio.run(run())


def test_after_the_grace_everything_ends() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(*ENVELOPE, "DATA")
            client.send(b"half\r\n")
            await world.server.stop(0.01)
            assert await client.ended()
            assert world.backend.spools[0].outcome == "aborted"
            assert world.backend.events[-2:] == ["reset", "disconnected"]

    asyncio.run(run())


def test_handshakes_that_never_end_do_not_hold_up_the_stop() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSIONS) as world:
            client = await world.dial()
            await until(lambda: world.server.connections == 1)
            await world.server.stop(0.01)
            assert await client.ended()
            assert world.server.connections == 0

    asyncio.run(run())
