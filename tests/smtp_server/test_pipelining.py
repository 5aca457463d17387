"""Commands that arrive together (RFC 2920)."""

import asyncio
import socket

from delivery.smtp.server.limits import Limits
from tests.smtp_server.raw import running

GROUP = (
    b"MAIL FROM:<carol@remote.example>\r\n"
    b"RCPT TO:<bob@example.org>\r\n"
    b"RCPT TO:<nobody@example.org>\r\n"
    b"DATA\r\n"
)


def test_the_replies_to_a_group_are_sent_together_and_in_order() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example")
            client.send(GROUP)
            replies = await client.reader.read(10_000)
            assert [line[:3] for line in replies.splitlines()] == [b"250", b"250", b"550", b"354"]

    asyncio.run(run())


def test_commands_behind_the_content_are_carried_out() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example")
            client.send(GROUP + b"one\r\n.\r\n" + GROUP + b".\r\nNOOP\r\nQUIT\r\n")
            replies = " ".join([(await client.reply())[:3] for _ in range(12)])
            assert replies == "250 250 550 354 250 250 250 550 354 250 250 221"
            assert await client.ended()
            assert [spool.content for spool in world.backend.accepted] == [b"one\r\n", b""]

    asyncio.run(run())


def test_a_group_without_valid_recipients_gets_no_354() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example")
            client.send("MAIL FROM:<>\r\nRCPT TO:<nobody@example.org>\r\nDATA\r\nRSET\r\nNOOP\r\n")
            replies = [(await client.reply())[:3] for _ in range(5)]
            assert replies == ["250", "550", "554", "250", "250"]

    asyncio.run(run())


def test_commands_may_arrive_byte_by_byte() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example")
            network = client.writer.get_extra_info("socket")
            network.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in GROUP:
                client.send(bytes([byte]))
                await asyncio.sleep(0)
            assert [(await client.reply())[:3] for _ in range(4)] == ["250", "250", "550", "354"]

    asyncio.run(run())


def test_a_thousand_recipients_in_one_group_leave_turns_to_others() -> None:
    async def run() -> None:
        async with running() as world:
            client, other = await world.connect("EHLO client.example"), await world.connect()
            client.send(
                b"MAIL FROM:<carol@remote.example>\r\n"
                + b"RCPT TO:<bob@example.org>\r\n" * 1000
                + b"DATA\r\n"
            )
            assert await other.ask("NOOP") == "250 2.0.0 ok"
            assert world.backend.events.count("recipient bob@example.org") < 1000
            replies = [(await client.reply())[:3] for _ in range(1002)]
            assert replies == ["250"] * 1001 + ["354"]

    asyncio.run(run())


def test_a_client_that_reads_no_replies_is_not_served_further() -> None:
    async def run() -> None:
        async with running(limits=Limits(idle_commands=10**9), send_buffer=4096) as world:
            client = await world.connect("EHLO client.example")
            client.stop_reading()
            client.send(b"HELP\r\n" * 5_000_000)
            size = 0
            quiet = 0
            while quiet < 100:
                await asyncio.sleep(0)
                left = client.writer.transport.get_write_buffer_size()
                quiet = quiet + 1 if left == size else 0
                size = left
            assert size > 1_000_000
            client.writer.transport.abort()
            await world.backend.gone.wait()

    asyncio.run(run())
