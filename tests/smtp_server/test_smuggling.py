"""No sequence but CR LF . CR LF ends a message, however it is cut, and none hides a second one."""

import asyncio

import pytest

from delivery.smtp.server.backend import Service
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.stream import PeerStream
from tests.smtp_server.raw import Client, World, running, until

HIDDEN = b"MAIL FROM:<admin@example.org>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\nsmuggled\r\n"
FIRST = b"first"

SEQUENCES = {
    "LF.LF": b"\n.\n",
    "LF.CRLF": b"\n.\r\n",
    "LF.CR": b"\n.\r",
    "CR.CR": b"\r.\r",
    "CR.CRLF": b"\r.\r\n",
    "CR.LF": b"\r.\n",
    "CRLF.CR": b"\r\n.\r",
    "CRLF.LF": b"\r\n.\n",
    "CRCRLF.CRCRLF": b"\r\r\n.\r\r\n",
    "LFLF.LFLF": b"\n\n.\n\n",
    "NUL before the dot": b"\r\n\x00.\r\n",
    "NUL after the dot": b"\r\n.\x00\r\n",
    "NUL in the line end": b"\r\n.\r\x00\n",
    "NUL for a line end": b"\x00.\x00",
    "blank after the dot": b"\r\n. \r\n",
    "vertical tabs": b"\x0b.\x0b",
    "form feeds": b"\x0c.\x0c",
    "8-bit NEL": b"\x85.\x85",
    "NEL in UTF-8": b"\xc2\x85.\xc2\x85",
    "line separator in UTF-8": b"\xe2\x80\xa8.\xe2\x80\xa8",
    "a dot that is none": b"\r\n\xe2\x80\xa4\r\n",
}
REAL_END = b"\r\n.\r\n"
PORTS = [Service.SMTP, Service.SUBMISSION]


class Segments:
    """Sends pieces one after the other, each when the server has read the one before."""

    def __init__(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        self.client = client
        self._read = 0
        feed = PeerStream.feed

        def counted(stream: PeerStream, data: bytes) -> None:
            self._read += len(data)
            feed(stream, data)

        monkeypatch.setattr(PeerStream, "feed", counted)

    async def send(self, *pieces: bytes) -> None:
        for piece in filter(None, pieces):
            wanted = self._read + len(piece)
            self.client.send(piece)
            await until(lambda wanted=wanted: self._read >= wanted)  # type: ignore[misc]


async def ready(world: World, port: Service) -> Client:
    client = await world.connect("EHLO client.example")
    if port.is_submission:
        await client.secure()
        await client.log_in()
    return client


async def begin(client: Client) -> None:
    await client.ask("MAIL FROM:<carol@remote.example>")
    assert (await client.ask("RCPT TO:<bob@example.org>")).startswith("250")


async def check_one_or_none(world: World, client: Client, reply: str, sent: bytes, port: Service) -> None:
    """The message was refused or is there as a whole, and the conversation goes on in step."""
    spool = world.backend.spools[-1]
    without_pairs = sent.replace(b"\r\n", b"")
    is_clean = b"\r" not in without_pairs and b"\n" not in without_pairs
    if is_clean or port.is_submission:
        assert reply.startswith("250")
        lines = sent.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        assert spool.content == b"\r\n".join(lines)
    else:
        assert reply.startswith("550 5.6.0 the message has a line ending with ")
        assert spool.outcome == "aborted"
    assert (await client.ask("NOOP")).startswith("250")
    assert set(filter(lambda event: event.startswith("sender"), world.backend.events)) == {
        "sender carol@remote.example"
    }


def unstuffed(sent: bytes) -> bytes:
    return sent.replace(b"\r\n.", b"\r\n")


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("sequence", SEQUENCES.values(), ids=SEQUENCES.keys())
def test_in_data_the_whole_is_one_message_or_none(
    sequence: bytes, port: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with running(port, Limits(errors=1000, idle_commands=1000)) as world:
            client = await ready(world, port)
            segments = Segments(client, monkeypatch)
            content = FIRST + sequence + HIDDEN
            for at in range(len(sequence) + 1):
                await begin(client)
                assert (await client.ask("DATA")).startswith("354")
                cut = len(FIRST) + at
                if port.is_submission:  # under TLS a segment is a record
                    client.send(content[:cut])
                    client.send(content[cut:] + b".\r\n")
                else:
                    await segments.send(content[:cut], content[cut:], b".\r\n")
                await check_one_or_none(world, client, await client.reply(), unstuffed(content), port)

    asyncio.run(run())


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize(
    "sequence", [*SEQUENCES.values(), REAL_END], ids=[*SEQUENCES.keys(), "even CRLF.CRLF"]
)
def test_in_chunks_the_whole_is_one_message_or_none(
    sequence: bytes, port: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with running(port, Limits(errors=1000, idle_commands=1000)) as world:
            client = await ready(world, port)
            content = FIRST + sequence + HIDDEN
            for at in range(len(sequence) + 1):
                cut = len(FIRST) + at
                one, two = content[:cut], content[cut:]
                await begin(client)
                client.send(b"BDAT %d\r\n%bBDAT %d LAST\r\n%b" % (len(one), one, len(two), two))
                first, last = await client.reply(), await client.reply()
                assert first.startswith("250")
                await check_one_or_none(world, client, last, content, port)

    asyncio.run(run())


@pytest.mark.parametrize("next_command", [b"", b"NOOP\r\n"])
def test_the_end_is_found_however_its_segments_are_cut(
    next_command: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with running() as world:
            client = await ready(world, Service.SMTP)
            segments = Segments(client, monkeypatch)
            wire = b"..first" + REAL_END + next_command
            for at in range(len(wire) + 1):
                await begin(client)
                assert (await client.ask("DATA")).startswith("354")
                await segments.send(wire[:at], wire[at:])
                assert (await client.reply()).startswith("250 2.0.0 accepted")
                if next_command:
                    assert await client.reply() == "250 2.0.0 ok"
                assert world.backend.accepted[-1].content == b".first\r\n"

    asyncio.run(run())


def test_the_reply_says_which_sign_is_missing() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example")
            assert (await client.deliver(b"a\nb\r\n.\r\n")).endswith("LF without CR")
            assert (await client.deliver(b"a\rb\r\n.\r\n")).endswith("CR without LF")

    asyncio.run(run())
