"""Our own mistakes: the client gets a polite reply, the log gets the traceback."""

import asyncio
from collections.abc import Callable

import pytest

from mail.errors import Reply
from tests.smtp_server.memory import MemoryBackend, MemorySpool
from tests.smtp_server.raw import running

ENVELOPE = ["EHLO client.example", "MAIL FROM:<carol@remote.example>", "RCPT TO:<bob@example.org>"]


def fail(*_: object) -> None:
    raise RuntimeError("secret internals")


async def fail_at_commit(spool: MemorySpool) -> Reply:
    raise RuntimeError("secret internals")


def break_write(backend: MemoryBackend) -> None:
    backend.on_write = fail


def break_commit(backend: MemoryBackend) -> None:
    backend.on_commit = fail_at_commit


@pytest.mark.parametrize("break_it", [break_write, break_commit])
def test_a_failing_spool(break_it: Callable[[MemoryBackend], None], caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> str:
        async with running() as world:
            break_it(world.backend)
            client = await world.connect("EHLO client.example")
            reply = await client.deliver(b"x" * 1_000_000 + b"\r\n.\r\n")
            assert reply == f"451 4.3.0 internal error, session {world.backend.sessions[0].id}"
            assert (await client.ask(*ENVELOPE)).startswith("250")
            return reply

    assert "secret" not in asyncio.run(run())
    assert "RuntimeError: secret internals" in caplog.text


def test_a_failing_look_up_of_a_recipient(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(*ENVELOPE)
            reply = await client.ask("RCPT TO:<broken@example.org>")
            assert reply == f"451 4.3.0 internal error, session {world.backend.sessions[0].id}"
            assert (await client.ask("DATA")).startswith("354")

    asyncio.run(run())
    assert caplog.text.count("Traceback") == 1


def test_a_failing_greeting(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async with running() as world:
            world.backend.on_connect = fail
            client = await world.dial()
            reply = await client.reply()
            assert reply == f"421 4.3.0 internal error, session {world.backend.sessions[0].id}"
            assert await client.ended()

    asyncio.run(run())
    assert "RuntimeError: secret internals" in caplog.text


def test_text_quoted_from_a_client_cannot_end_a_reply_line() -> None:
    async def refuse(spool: MemorySpool) -> Reply:
        return Reply(550, "5.7.1", "no: \x1b[31m\u2028zoë" + "x" * 1000)

    async def run() -> None:
        async with running() as world:
            world.backend.on_commit = refuse
            client = await world.connect("EHLO client.example")
            lines = (await client.deliver(b".\r\n")).split("\n")
            assert all(len(line) <= 510 for line in lines)
            assert all(line.startswith("550-5.7.1 ") for line in lines[:-1])
            assert lines[0] == "550-5.7.1 no: ?[31m"
            assert lines[1].startswith("550-5.7.1 zo?xxx")
            assert (await client.ask("NOOP")).startswith("250")

    asyncio.run(run())
