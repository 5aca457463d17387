"""What reaches the spool, and what happens when it can't."""

import asyncio
import os
from collections.abc import Awaitable

import pytest

from delivery.smtp.server.backend import Service
from delivery.smtp.server.limits import Limits
from mail.errors import MailError, Reply
from tests.smtp_server.memory import MemorySpool
from tests.smtp_server.raw import World, running

EHLO = "EHLO client.example"
MESSAGE = b"Subject: greetings\r\n\r\n.dot\r\n..\r\nlast\r\n"


def stuff(content: bytes) -> bytes:
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


@pytest.mark.parametrize("tls", [False, True])
def test_ten_megabytes_arrive_byte_for_byte(tls: bool) -> None:
    lines = [os.urandom(500).replace(b"\r", b".").replace(b"\n", b"") for _ in range(20_000)]
    content = b"\r\n".join(lines) + b"\r\n"

    async def run() -> None:
        async with running() as world:
            client = await world.connect(EHLO)
            if tls:
                await client.secure()
            assert (await client.deliver(stuff(content))).startswith("250")
            spool = world.backend.accepted[0]
            assert spool.content == content
            assert max(map(len, spool.chunks)) <= 256 * 1024

    asyncio.run(run())


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_dots_survive_however_the_stream_is_cut(size: int) -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(EHLO)
            await client.ask("MAIL FROM:<>", "RCPT TO:<bob@example.org>", "DATA")
            wire = stuff(MESSAGE)
            for at in range(0, len(wire), size):
                client.send(wire[at : at + size])
                await client.writer.drain()
                await asyncio.sleep(0)
            assert (await client.reply()).startswith("250")
            assert world.backend.accepted[0].content == MESSAGE

    asyncio.run(run())


def test_a_message_may_be_empty() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(EHLO)
            assert (await client.deliver(b".\r\n")).startswith("250")
            assert world.backend.accepted[0].content == b""

    asyncio.run(run())


def test_many_messages_follow_each_other_on_one_connection() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(EHLO)
            for number in range(50):
                assert (await client.deliver(b"%d\r\n.\r\n" % number)).startswith("250")
            assert [int(spool.content) for spool in world.backend.accepted] == list(range(50))

    asyncio.run(run())


def test_a_message_over_the_limit_is_read_to_its_end_and_refused() -> None:
    async def run() -> None:
        async with running(limits=Limits(message_size=1000)) as world:
            client = await world.connect(EHLO)
            reply = await client.deliver(b"x" * 1500 + b"\r\n.\r\n")
            assert reply == "552 5.3.4 the message is larger than 1000 bytes"
            assert world.backend.spools[0].outcome == "aborted"
            assert (await client.deliver(b"x" * 998 + b"\r\n.\r\n")).startswith("250")

    asyncio.run(run())


def test_a_message_far_over_the_limit_ends_the_session() -> None:
    async def run() -> None:
        async with running(limits=Limits(message_size=1000)) as world:
            client = await world.connect(EHLO)
            assert (await client.deliver(b"x" * 3000)).startswith("552 5.3.4")
            assert await client.ended()
            assert world.backend.spools[0].outcome == "aborted"

    asyncio.run(run())


def test_nothing_is_read_while_the_spool_is_busy() -> None:
    async def run() -> None:
        async with running() as world:
            may_go_on = asyncio.Event()
            waits = asyncio.Event()

            async def wait() -> None:
                waits.set()
                await may_go_on.wait()

            def on_write(spool: MemorySpool) -> Awaitable[None] | None:
                return None if may_go_on.is_set() else wait()

            world.backend.on_write = on_write
            client = await world.connect(EHLO, "MAIL FROM:<>", "RCPT TO:<bob@example.org>", "DATA")
            client.send(b"x" * 20_000_000 + b"\r\n.\r\n")
            await waits.wait()
            await until_stuck(world, client.writer)
            spool = world.backend.spools[0]
            assert len(spool.content) <= 256 * 1024
            may_go_on.set()
            assert (await client.reply()).startswith("250")
            assert len(spool.content) == 20_000_002

    asyncio.run(run())


async def until_stuck(world: World, writer: asyncio.StreamWriter) -> None:
    """Until the kernel takes no more from the client."""
    transport = writer.transport
    size, rounds = transport.get_write_buffer_size(), 0
    while rounds < 100:
        await asyncio.sleep(0)
        rounds = rounds + 1 if transport.get_write_buffer_size() == size else 0
        size = transport.get_write_buffer_size()
    assert size > 10_000_000


def test_other_sessions_go_on_while_one_is_held_back() -> None:
    async def run() -> None:
        async with running() as world:
            first = asyncio.Event()

            async def wait() -> None:
                await first.wait()

            world.backend.on_write = lambda spool: wait() if b"slow" in spool.content else None
            slow, quick = await world.connect(EHLO), await world.connect(EHLO)
            await slow.ask("MAIL FROM:<>", "RCPT TO:<bob@example.org>", "DATA")
            slow.send(b"slow\r\n.\r\n")
            for _ in range(5):
                assert (await quick.deliver(b"quick\r\n.\r\n")).startswith("250")
            first.set()
            assert (await slow.reply()).startswith("250")

    asyncio.run(run())


def test_a_refusal_by_the_spool_comes_after_the_end_of_the_content() -> None:
    def refuse(spool: MemorySpool) -> None:
        raise MailError(452, "4.3.1", "no room")

    async def run() -> None:
        async with running() as world:
            world.backend.on_write = refuse
            client = await world.connect(EHLO)
            assert await client.deliver(b"x" * 1_000_000 + b"\r\n.\r\n") == "452 4.3.1 no room"
            spool = world.backend.spools[0]
            assert spool.outcome == "aborted"
            assert len(spool.chunks) == 1
            assert (await client.ask("NOOP")).startswith("250")

    asyncio.run(run())


def test_a_refusal_at_commit_is_the_reply() -> None:
    async def refuse(spool: MemorySpool) -> Reply:
        raise MailError(550, "5.1.1", "nobody there")

    async def run() -> None:
        async with running() as world:
            world.backend.on_commit = refuse
            client = await world.connect(EHLO)
            assert await client.deliver(b"hello\r\n.\r\n") == "550 5.1.1 nobody there"
            assert (await client.ask("MAIL FROM:<>")).startswith("250")

    asyncio.run(run())


def test_bare_line_ends_of_logged_in_users_become_crlf() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION) as world:
            client = await world.connect()
            await client.secure()
            await client.log_in()
            reply = await client.deliver(b"Subject: x\n\nold\rnew\r\n\n.\r\nno end\n.\nnor here\r\n.\r\n")
            assert reply.startswith("250")
            content = b"Subject: x\r\n\r\nold\r\nnew\r\n\r\n.\r\nno end\r\n.\r\nnor here\r\n"
            assert world.backend.accepted[0].content == content

    asyncio.run(run())
