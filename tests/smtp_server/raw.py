"""A server on loopback and a client that sends exactly the bytes it is told to."""

import asyncio
import base64
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from typing import cast

from delivery.smtp.server.backend import Service
from delivery.smtp.server.environment import Network
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.listener import SmtpServer, serve
from mail.tls.certificates import make_certificate
from mail.tls.context import ServerContext, client_context, server_context
from mail.tls.engine import TlsEngine
from mail.tls.transport import start_tls
from tests.smtp_server.memory import MemoryBackend

CLIENT_CONTEXT = client_context(verify=False, system_pool=False)


class FixedCertificate:
    """A certificate that is never exchanged."""

    def __init__(self) -> None:
        self.context: ServerContext = server_context(*make_certificate(["localhost"]))


CERTIFICATE = FixedCertificate()


def listening_socket(send_buffer: int = 0) -> socket.socket:
    """A free port on loopback; the kernel keeps `send_buffer` unread bytes, 0 for as many as it likes."""
    listening = socket.create_server(("127.0.0.1", 0))
    if send_buffer:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    listening.setblocking(False)
    return listening


class Client:
    """One connection. Replies are whole replies, all lines, without the last line end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes | str) -> None:
        self.writer.write(data.encode() if isinstance(data, str) else data)

    async def reply(self) -> str:
        lines = []
        while True:
            line = await self.reader.readline()
            if not line:
                raise EOFError
            assert line.endswith(b"\r\n"), line
            lines.append(line[:-2].decode("ascii"))
            if line[3:4] == b" ":
                return "\n".join(lines)

    async def ask(self, *lines: str | bytes) -> str:
        """Send lines; the reply to the last of them."""
        answer = ""
        for line in lines:
            self.send((line.encode() if isinstance(line, str) else line) + b"\r\n")
            answer = await self.reply()
        return answer

    def stop_reading(self) -> None:
        """Take no replies from the network any more."""
        cast("asyncio.Transport", self.writer.transport).pause_reading()

    async def ended(self) -> bool:
        """Whether the server closes the connection without another word."""
        try:
            return await self.reader.read() == b""
        except ConnectionResetError:
            return True

    async def start_tls(self) -> None:
        """Handshake on this connection."""
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        engine = TlsEngine.client(CLIENT_CONTEXT, "localhost")
        network = cast("asyncio.Transport", self.writer.transport)
        transport = await start_tls(network, protocol, engine, timeout=20)
        self.reader = reader
        self.in_the_clear = self.writer  # a stream writer closes its transport when nobody holds it any more
        self.writer = asyncio.StreamWriter(transport, protocol, reader, asyncio.get_running_loop())

    async def secure(self) -> None:
        """STARTTLS and EHLO."""
        assert (await self.ask("EHLO client.example", "STARTTLS")).startswith("220")
        await self.start_tls()
        assert (await self.ask("EHLO client.example")).startswith("250")

    async def log_in(self, username: str = "alice", password: str = "open sesame") -> str:
        """AUTH PLAIN."""
        return await self.ask("AUTH PLAIN " + plain(username, password))

    async def deliver(self, content: bytes, recipient: str = "bob@example.org") -> str:
        """One whole transaction; the reply to the content."""
        await self.ask("MAIL FROM:<carol@remote.example>")
        assert (await self.ask(f"RCPT TO:<{recipient}>", "DATA")).startswith("354")
        self.send(content)
        return await self.reply()

    def reset(self) -> None:
        """Cut the connection so that the server gets an error, not an end."""
        network = self.writer.get_extra_info("socket")
        network.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def close(self) -> None:
        self.writer.close()


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until something is so that no event tells."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0)


def plain(username: str, password: str) -> str:
    """The initial response of AUTH PLAIN."""
    return base64.b64encode(f"\0{username}\0{password}".encode()).decode()


class World:
    """A server with its backend."""

    def __init__(self, backend: MemoryBackend, server: SmtpServer, port: int) -> None:
        self.backend = backend
        self.server = server
        self.port = port
        self.clients: list[Client] = []

    async def dial(self) -> Client:
        """A connection on which nothing was read."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, limit=2**20))
        self.clients.append(client)
        return client

    async def connect(self, *lines: str) -> Client:
        """A connection after the greeting and the replies to `lines`."""
        client = await self.dial()
        assert (await client.reply()).startswith("220 ")
        await client.ask(*lines)
        return client


@contextlib.asynccontextmanager
async def running(
    service: Service = Service.SMTP,
    limits: Limits | None = None,
    *,
    certificate: FixedCertificate | None = CERTIFICATE,
    backend: MemoryBackend | None = None,
    send_buffer: int = 0,
    trusted_proxies: Sequence[Network] = (),
) -> AsyncIterator[World]:
    """A server for one service."""
    backend = backend or MemoryBackend()
    listening = listening_socket(send_buffer)
    port = listening.getsockname()[1]
    server = await serve(
        [(listening, service)],
        backend,
        certificate,
        limits or Limits(),
        hostname="mail.example.org",
        trusted_proxies=trusted_proxies,
    )
    world = World(backend, server, port)
    try:
        yield world
    finally:
        for client in world.clients:
            client.close()
            with contextlib.suppress(OSError):
                await client.writer.wait_closed()
        await server.stop(0)
