"""Clients that leave."""

import asyncio

import pytest

from mail.errors import Reply
from tests.smtp_server.memory import MemorySpool
from tests.smtp_server.raw import running, until

ENVELOPE = ["EHLO client.example", "MAIL FROM:<carol@remote.example>", "RCPT TO:<bob@example.org>"]


@pytest.mark.parametrize("half", [b"", b"Subject: half", b"Subject: half\r\n.", b"x" * 1_000_000])
@pytest.mark.parametrize("how", ["close", "reset"])
def test_half_a_message_is_forgotten(half: bytes, how: str) -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(*ENVELOPE, "DATA")
            client.send(half)
            await client.writer.drain()
            getattr(client, how)()
            await world.backend.gone.wait()
            assert world.backend.spools[0].outcome == "aborted"
            assert world.backend.events[-2:] == ["reset", "disconnected"]
            assert world.backend.accepted == []
            await world.server.stop(10)
            assert world.server.connections == 0

    asyncio.run(run())


@pytest.mark.parametrize("tls", [False, True])
def test_a_client_that_leaves_between_commands_is_noticed(tls: bool) -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(*ENVELOPE)
            if tls:
                await client.secure()
            client.close()
            await world.backend.gone.wait()
            assert world.backend.events[-2:] == ["reset", "disconnected"]
            await world.server.stop(10)
            assert world.server.connections == 0

    asyncio.run(run())


def test_a_message_whose_commit_has_begun_is_kept_when_the_client_leaves() -> None:
    async def run() -> None:
        async with running() as world:
            begun, finish = asyncio.Event(), asyncio.Event()

            async def commit(spool: MemorySpool) -> Reply:
                begun.set()
                await finish.wait()
                return Reply(250, "2.0.0", "accepted")

            world.backend.on_commit = commit
            client = await world.connect(*ENVELOPE, "DATA")
            client.send(b"hello\r\n.\r\n")
            await begun.wait()
            client.reset()
            await until(lambda: not world.server.connections)
            assert not world.backend.gone.is_set()
            finish.set()
            await world.backend.gone.wait()
            assert [spool.content for spool in world.backend.accepted] == [b"hello\r\n"]
            assert "reset" not in world.backend.events

    asyncio.run(run())


def test_commands_sent_before_the_client_stopped_sending_are_answered() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect()
            lines = "".join(line + "\r\n" for line in [*ENVELOPE, "DATA", "hello", ".", "QUIT"])
            client.send(lines)
            client.writer.write_eof()
            replies = await client.reader.read()
            assert replies.endswith(b"221 2.0.0 bye\r\n")
            assert len(world.backend.accepted) == 1

    asyncio.run(run())


def test_a_client_that_leaves_while_the_spool_is_busy_gets_its_message_aborted() -> None:
    async def run() -> None:
        async with running() as world:
            begun, finish = asyncio.Event(), asyncio.Event()

            async def wait() -> None:
                begun.set()
                await finish.wait()

            world.backend.on_write = lambda spool: wait()
            client = await world.connect(*ENVELOPE, "DATA")
            client.send(b"hello\r\n")
            await begun.wait()
            client.reset()
            finish.set()
            await world.backend.gone.wait()
            assert world.backend.spools[0].outcome == "aborted"

    asyncio.run(run())
