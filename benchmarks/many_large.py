"""200 messages of 10 MB at once: by how much the process grows beyond the chunks that are on their way."""

import asyncio
import multiprocessing
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, row
from delivery.smtp.server.backend import Service
from mail.store.layout import CHUNK_SIZE
from tests.world.letters import letter
from tests.world.smtp_process import MailProcess
from tests.world.world import World

MESSAGES = 200
SIZE = 10_000_000
BLOCK = (b"0123456789" * 7 + b"\r\n") * 900
SENDER, RECIPIENT = "carol@remote.example", "alice@example.org"
ADDRESSES = 20
"""Of clients: one alone may not have so many connections."""


def main() -> None:
    """Print a table, for DATA and for chunks of 64 KB. One small message on each connection comes before."""
    head(
        "database", "by", "seconds", "MB/s", "growth MB", "chunks on their way MB", "KB more for each session"
    )
    for kind in KINDS:
        for command in ("DATA", "BDAT"):
            try:
                with fresh_world(kind) as world:
                    _measure(kind, world, command)
            except LookupError as error:
                row(kind, f"not measured: {error}")


def _measure(kind: str, world: World, command: str) -> None:
    world.alice  # noqa: B018
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    with tempfile.TemporaryDirectory() as folder, MailProcess(world, Path(folder)) as mail:
        mail.start()
        clients = context.Process(target=send_all, args=(mail.ports[Service.SMTP], command, there))
        clients.start()
        here.recv()
        mail.forget_peak()
        before = mail.memory()
        started = time.perf_counter()
        here.send("go")
        accepted = here.recv()
        seconds = time.perf_counter() - started
        growth = mail.peak_memory() - before
        clients.join()
    assert accepted == MESSAGES, f"{accepted} accepted"
    # One chunk being written and one being filled.
    on_their_way = 2 * CHUNK_SIZE * MESSAGES
    row(
        kind,
        command,
        f"{seconds:.1f}",
        f"{MESSAGES * SIZE / 1e6 / seconds:.0f}",
        f"{growth / 1e6:.0f}",
        f"{on_their_way / 1e6:.0f}",
        f"{(growth - on_their_way) / 1e3 / MESSAGES:.0f}",
    )


def send_all(port: int, command: str, control: Connection) -> None:
    """Send all messages at the same time, once told to; answers with how many were accepted."""
    control.send(asyncio.run(_send_all(port, command, control)))


async def _send_all(port: int, command: str, control: Connection) -> int:
    go = asyncio.Event()
    ready = [asyncio.Event() for _ in range(MESSAGES)]
    sending = [
        asyncio.create_task(_send(port, command, f"127.0.0.{number % ADDRESSES + 2}", ready[number], go))
        for number in range(MESSAGES)
    ]
    for event in ready:
        await event.wait()
    control.send("ready")
    await asyncio.to_thread(control.recv)
    go.set()
    return sum(await asyncio.gather(*sending))


async def _send(port: int, command: str, source: str, ready: asyncio.Event, go: asyncio.Event) -> bool:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    await _ask(reader, writer, None, "EHLO client.example")
    await _begin(reader, writer)
    await _ask(reader, writer, "DATA")
    writer.write(letter() + b".\r\n")
    await _reply(reader)
    await _begin(reader, writer)
    ready.set()
    await go.wait()
    size = 0
    if command == "DATA":
        await _ask(reader, writer, "DATA")
    while size < SIZE:
        block = BLOCK if size else letter() + BLOCK
        if command == "BDAT":
            writer.write(b"BDAT %d\r\n" % len(block))
        writer.write(block)
        await writer.drain()
        if command == "BDAT":
            await _reply(reader)
        size += len(block)
    writer.write(b".\r\n" if command == "DATA" else b"BDAT 0 LAST\r\n")
    accepted = (await _reply(reader)).startswith(b"250")
    writer.close()
    return accepted


async def _begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _ask(reader, writer, f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{RECIPIENT}>")


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *lines: str | None) -> None:
    """Send lines, each after the reply to the one before; None only waits for a reply."""
    for line in lines:
        if line is not None:
            writer.write(f"{line}\r\n".encode())
        reply = await _reply(reader)
        if not reply.startswith((b"2", b"3")):
            raise RuntimeError(reply.decode())


async def _reply(reader: asyncio.StreamReader) -> bytes:
    while (line := await reader.readline())[3:4] == b"-":
        pass
    return line


if __name__ == "__main__":
    main()
