"""Messages that come in chunks (RFC 3030)."""

import asyncio
import os

import pytest

from delivery.smtp.server.backend import Service
from delivery.smtp.server.limits import Limits
from mail.errors import MailError
from tests.smtp_server.memory import MemorySpool
from tests.smtp_server.raw import Client, World, running, until

EHLO = "EHLO client.example"
MAIL = "MAIL FROM:<carol@remote.example>"
RCPT = "RCPT TO:<bob@example.org>"
MESSAGE = b"Subject: greetings\r\n\r\n.\r\n.dot\r\nlast\r\n"


def chunk(data: bytes, *, last: bool = False) -> bytes:
    return b"BDAT %d%s\r\n%b" % (len(data), b" LAST" if last else b"", data)


async def begin(world: World) -> Client:
    return await world.connect(EHLO, MAIL, RCPT)


async def replies(client: Client, *sent: bytes) -> list[str]:
    """The reply to each, all of them sent at once."""
    client.send(b"".join(sent))
    return [await client.reply() for _ in sent]


def codes(answers: list[str]) -> list[str]:
    return [answer[:3] for answer in answers]


def test_chunks_become_one_message_and_dots_have_no_meaning() -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            first, second, third = await replies(
                client, chunk(MESSAGE[:25]), chunk(b""), chunk(MESSAGE[25:], last=True)
            )
            assert (first, second) == ("250 2.0.0 25 octets received", "250 2.0.0 0 octets received")
            assert third.startswith("250 2.0.0 accepted, id ")
            assert world.backend.accepted[0].content == MESSAGE
            assert "reset" not in world.backend.events
            assert codes(await replies(client, b"MAIL FROM:<>\r\n")) == ["250"]

    asyncio.run(run())


def test_the_last_chunk_may_be_empty_and_so_may_the_message() -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            assert codes(await replies(client, chunk(MESSAGE), b"bdat 0 last\r\n")) == ["250", "250"]
            await client.ask(MAIL, RCPT)
            assert codes(await replies(client, b"BDAT 0 LAST  \r\n")) == ["250"]
            assert [spool.content for spool in world.backend.accepted] == [MESSAGE, b""]

    asyncio.run(run())


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_message_may_be_cut_anywhere(size: int) -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            pieces = [MESSAGE[at : at + size] for at in range(0, len(MESSAGE), size)]
            answers = await replies(client, *map(chunk, pieces), chunk(b"", last=True))
            assert set(codes(answers)) == {"250"}
            assert world.backend.accepted[0].content == MESSAGE

    asyncio.run(run())


def test_ten_megabytes_in_chunks_arrive_byte_for_byte() -> None:
    lines = [os.urandom(500).replace(b"\r", b".").replace(b"\n", b"") for _ in range(20_000)]
    content = b"\r\n".join(lines) + b"\r\n"

    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            middle = 3_333_333
            answers = await replies(client, chunk(content[:middle]), chunk(content[middle:], last=True))
            assert codes(answers) == ["250", "250"]
            assert world.backend.accepted[0].content == content
            assert max(map(len, world.backend.accepted[0].chunks)) <= 256 * 1024 + 16 * 1024

    asyncio.run(run())


def test_the_next_commands_may_follow_in_the_same_segment() -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            envelope = f"{MAIL}\r\n{RCPT}\r\n".encode()
            client.send(chunk(b"one\r\n", last=True) + envelope + chunk(b"two\r\n", last=True) + b"QUIT\r\n")
            assert [(await client.reply())[:3] for _ in range(5)] == ["250", "250", "250", "250", "221"]
            assert [spool.content for spool in world.backend.accepted] == [b"one\r\n", b"two\r\n"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("before", "reply"),
    [
        ([], "503 5.5.1 say EHLO first"),
        ([EHLO], "503 5.5.1 say MAIL first"),
        ([EHLO, MAIL], "554 5.5.1 there are no valid recipients"),
        ([EHLO, MAIL, "RCPT TO:<nobody@example.org>"], "554 5.5.1 there are no valid recipients"),
        ([EHLO, "MAIL FROM:<mallory@other.example>"], "503 5.5.1 say MAIL first"),
    ],
)
def test_the_octets_of_a_refused_chunk_are_no_commands(before: list[str], reply: str) -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(*before)
            hidden = b"MAIL FROM:<admin@example.org>\r\nQUIT\r\n"
            answers = await replies(client, chunk(hidden), chunk(hidden, last=True), b"NOOP\r\n")
            assert answers == [reply, reply, "250 2.0.0 ok"]
            assert "sender admin@example.org" not in world.backend.events
            assert world.backend.spools == []
            if "EHLO" in "".join(before):
                assert codes(await replies(client, f"{MAIL}\r\n".encode(), f"{RCPT}\r\n".encode())) == [
                    "250",
                    "250",
                ]

    asyncio.run(run())


def test_a_failure_in_the_middle_is_the_reply_to_all_chunks_that_were_sent_already() -> None:
    def refuse(spool: MemorySpool) -> None:
        if len(spool.content) > 40_000:
            raise MailError(452, "4.3.1", "no room")

    async def run() -> None:
        async with running(limits=Limits(errors=2)) as world:
            world.backend.on_write = refuse
            client = await begin(world)
            answers = await replies(client, *[chunk(b"x" * 20_000)] * 30, chunk(b"", last=True))
            assert answers[:2] == ["250 2.0.0 20000 octets received"] * 2
            assert answers[2:] == ["452 4.3.1 no room"] * 29
            assert world.backend.spools[0].outcome == "aborted"
            assert world.backend.events.count("reset") == 1
            assert codes(await replies(client, f"{MAIL}\r\n".encode())) == ["250"]

    asyncio.run(run())


def test_after_the_last_refused_chunk_there_is_no_transaction() -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            assert codes(await replies(client, chunk(b"bare\n", last=True), chunk(b"x"))) == ["550", "503"]

    asyncio.run(run())


@pytest.mark.parametrize("command", ["RSET", EHLO])
def test_what_has_come_is_forgotten_on_request(command: str) -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            answers = await replies(client, chunk(b"half\r\n"), f"{command}\r\n".encode(), chunk(b"x"))
            assert codes(answers) == ["250", "250", "503"]
            assert [spool.outcome for spool in world.backend.spools] == ["aborted"]
            await client.ask(MAIL, RCPT)
            assert codes(await replies(client, chunk(b"whole\r\n", last=True))) == ["250"]
            assert [spool.content for spool in world.backend.accepted] == [b"whole\r\n"]

    asyncio.run(run())


@pytest.mark.parametrize("leave", ["QUIT\r\n", ""])
def test_a_client_that_leaves_between_chunks_leaves_nothing(leave: str) -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            await replies(client, chunk(b"half\r\n"))
            client.send(leave)
            client.writer.write_eof()
            await world.backend.gone.wait()
            assert world.backend.spools[0].outcome == "aborted"
            assert world.backend.accepted == []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("DATA", "503 5.5.1 this message comes by BDAT"),
        (RCPT, "503 5.5.1 the content is on its way already"),
        (MAIL, "503 5.5.1 a message is in progress already"),
        ("NOOP", "250 2.0.0 ok"),
    ],
)
def test_other_commands_between_chunks_change_nothing(command: str, reply: str) -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            line = f"{command}\r\n".encode()
            answers = await replies(client, chunk(b"one\r\n"), line, chunk(b"two\r\n", last=True))
            assert answers[1] == reply
            assert codes(answers) == ["250", reply[:3], "250"]
            assert world.backend.accepted[0].content == b"one\r\ntwo\r\n"
            assert len(world.backend.accepted[0].transaction.recipients) == 1

    asyncio.run(run())


@pytest.mark.parametrize(
    "line",
    [
        b"BDAT\r\n",
        b"BDAT x LAST\r\n",
        b"BDAT -1\r\n",
        b"BDAT 5 FIRST\r\n",
        b"BDAT 5 LAST LAST\r\n",
        b"BDAT 99999999999999999999999\r\n",
        b"BDAT 0x10\r\n",
        b"BDAT\t5 LAST\r\n",
        b"BDAT 5 LAST\n",
        b"BDAT 5 LAST\x00\r\n",
        b"BDAT 5 \xff\r\n",
        b"BDAT 5 " + b" " * 3000 + b"\r\n",
        "BDAT ٥\r\n".encode(),
    ],
)
def test_when_the_size_can_not_be_read_the_session_ends(line: bytes) -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            client.send(line + b"RSET\r\nMAIL FROM:<admin@example.org>\r\n")
            assert (await client.reply())[:2] == "50"
            assert await client.ended()
            assert "sender admin@example.org" not in world.backend.events

    asyncio.run(run())


def test_chunks_that_are_too_much_together_are_read_and_refused() -> None:
    async def run() -> None:
        async with running(limits=Limits(message_size=1000)) as world:
            client = await begin(world)
            answers = await replies(client, chunk(b"x" * 900), chunk(b"x" * 101), chunk(b"", last=True))
            too_large = "552 5.3.4 the message is larger than 1000 bytes"
            assert answers == ["250 2.0.0 900 octets received", too_large, too_large]
            await client.ask(MAIL, RCPT)
            assert codes(await replies(client, chunk(b"x" * 998 + b"\r\n", last=True))) == ["250"]

    asyncio.run(run())


def test_a_chunk_far_over_the_limit_is_not_even_read() -> None:
    async def run() -> None:
        async with running(limits=Limits(message_size=1000)) as world:
            client = await begin(world)
            client.send(b"BDAT 2001 LAST\r\n")
            assert await client.reply() == "552 5.3.4 the message is larger than 1000 bytes"
            assert await client.ended()

    asyncio.run(run())


def test_a_last_line_without_line_end_gets_one() -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            assert codes(await replies(client, chunk(b"Subject: x\r\n\r\nend", last=True))) == ["250"]
            assert world.backend.accepted[0].content == b"Subject: x\r\n\r\nend\r\n"

    asyncio.run(run())


def test_bare_line_ends_of_logged_in_users_become_crlf() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION) as world:
            client = await world.connect()
            await client.secure()
            await client.log_in()
            await client.ask(MAIL, RCPT)
            answers = await replies(client, chunk(b"a\nb\r"), chunk(b"\nc\rd\r"), chunk(b"", last=True))
            assert set(codes(answers)) == {"250"}
            assert world.backend.accepted[0].content == b"a\r\nb\r\nc\r\nd\r\n"

    asyncio.run(run())


def test_a_line_end_may_be_cut_in_two_by_chunks_on_port_25_too() -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            answers = await replies(client, chunk(b"a\r"), chunk(b"\nb\r"), chunk(b"\n", last=True))
            assert set(codes(answers)) == {"250"}
            assert world.backend.accepted[0].content == b"a\r\nb\r\n"

    asyncio.run(run())


def test_a_slow_chunk_ends_the_session() -> None:
    async def run() -> None:
        async with running(limits=Limits(data_timeout=0.02)) as world:
            client = await begin(world)
            client.send(b"BDAT 100 LAST\r\nhalf")
            assert (await client.reply()).startswith("421 4.4.2 ")
            assert await client.ended()
            assert world.backend.spools[0].outcome == "aborted"

    asyncio.run(run())


def test_a_message_in_tiny_chunks_must_keep_its_pace_too() -> None:
    async def run() -> None:
        async with running(limits=Limits(minimum_rate=1_000_000, rate_period=0.02)) as world:
            client = await begin(world)
            loop = asyncio.get_running_loop()
            begun = loop.time()
            answer = ""
            while not answer.startswith("421"):
                client.send(chunk(b"x"))
                answer = await client.reply()
                assert loop.time() < begun + 20
            assert world.backend.spools[0].outcome == "aborted"

    asyncio.run(run())


def test_empty_chunks_for_ever_end_the_session() -> None:
    async def run() -> None:
        async with running(limits=Limits(idle_commands=10, errors=5)) as world:
            client = await begin(world)
            client.send(chunk(b"") * 1000)
            while not (answer := await client.reply()).startswith("421"):
                pass
            assert answer.startswith("421 4.7.0 too many errors")

    asyncio.run(run())


def test_a_server_that_stops_waits_for_the_rest_of_a_message() -> None:
    async def run() -> None:
        async with running() as world:
            client = await begin(world)
            await replies(client, chunk(b"half\r\n"))
            stopping = asyncio.create_task(world.server.stop(20))
            await until(lambda: not world.server._listeners[0].is_serving())
            assert codes(await replies(client, chunk(b"rest\r\n", last=True))) == ["250"]
            assert (await client.reply()).startswith("421 4.3.2")
            await stopping
            assert world.backend.accepted[0].content == b"half\r\nrest\r\n"

    asyncio.run(run())


@pytest.mark.parametrize("parameter", ["BODY=BINARYMIME", "body=binarymime"])
def test_binarymime_is_neither_offered_nor_taken(parameter: str) -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect()
            offered = await client.ask(EHLO)
            assert "250-CHUNKING" in offered
            assert "BINARYMIME" not in offered
            assert await client.ask(f"{MAIL} {parameter}") == "555 5.6.1 BODY=BINARYMIME is not supported"

    asyncio.run(run())
