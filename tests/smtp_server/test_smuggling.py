"""No sequence but CR LF . CR LF ends a message, and none hides a second one."""

import asyncio

import pytest

from delivery.smtp.server.backend import Service
from tests.smtp_server.raw import running

HIDDEN = b"MAIL FROM:<admin@example.org>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\nsmuggled\r\n"

SEQUENCES = [
    b"\n.\n",
    b"\n.\r\n",
    b"\n.\r",
    b"\r.\r",
    b"\r.\r\n",
    b"\r.\n",
    b"\r\n.\r",
    b"\r\n.\n",
    b"\r\r\n.\r\r\n",
    b"\r\n\x00.\r\n",
    b"\r\n.\x00\r\n",
    b"\r\n.\r\x00\n",
    b"\r\n. \r\n",
    b"\n\n.\n\n",
    b"\x0b.\x0b",
    b"\x85.\x85",
    b"\r\n\xe2\x80\xa4\r\n",
]


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_on_port_25_the_whole_is_one_message_or_none(sequence: bytes) -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example")
            reply = await client.deliver(b"first" + sequence + HIDDEN + b".\r\n")
            has_bare = sequence.replace(b"\r\n", b"").translate(None, b"\r\n") != sequence.replace(
                b"\r\n", b""
            )
            if has_bare:
                assert reply.startswith("550 5.6.0 the message has a line ending with ")
                assert world.backend.accepted == []
                assert world.backend.spools[0].outcome == "aborted"
            else:
                assert reply.startswith("250")
                assert [b"smuggled" in spool.content for spool in world.backend.accepted] == [True]
            assert [event for event in world.backend.events if event.startswith("sender")] == [
                "sender carol@remote.example"
            ]
            assert (await client.ask("NOOP")).startswith("250")

    asyncio.run(run())


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_from_a_logged_in_user_the_whole_is_one_message_without_bare_line_ends(sequence: bytes) -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION) as world:
            client = await world.connect()
            await client.secure()
            await client.log_in()
            reply = await client.deliver(b"first" + sequence + HIDDEN + b".\r\n")
            assert reply.startswith("250")
            (spool,) = world.backend.accepted
            without_pairs = spool.content.replace(b"\r\n", b"")
            assert b"\r" not in without_pairs
            assert b"\n" not in without_pairs
            assert spool.content.endswith(HIDDEN)

    asyncio.run(run())


def test_the_reply_says_which_sign_is_missing() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example")
            assert (await client.deliver(b"a\nb\r\n.\r\n")).endswith("LF without CR")
            assert (await client.deliver(b"a\rb\r\n.\r\n")).endswith("CR without LF")

    asyncio.run(run())
