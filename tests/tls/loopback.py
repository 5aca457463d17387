"""Protocols that record what happens to them, and TLS servers on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from mail.tls.context import ServerContext
from mail.tls.engine import TlsEngine
from mail.tls.transport import TlsTransport, start_tls


class Recorder(asyncio.Protocol):
    """Keeps what arrives; every happening can be waited for."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.made = asyncio.Event()
        self.ended = asyncio.Event()
        self.lost = asyncio.Event()
        self.full = asyncio.Event()
        self.free = asyncio.Event()
        self.arrived = asyncio.Event()
        self.error: Exception | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.made.set()

    def data_received(self, data: bytes) -> None:
        self.received += data
        self.arrived.set()

    def eof_received(self) -> None:
        self.ended.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.error = exc
        self.lost.set()

    def pause_writing(self) -> None:
        self.free.clear()
        self.full.set()

    def resume_writing(self) -> None:
        self.full.clear()
        self.free.set()

    async def until(self, size: int) -> bytes:
        """What has arrived, once it is at least `size` bytes."""
        while len(self.received) < size:
            self.arrived.clear()
            await self.arrived.wait()
        return bytes(self.received)


class Upgrade(asyncio.Protocol):
    """Starts TLS for another protocol as soon as somebody connects."""

    def __init__(self, protocol: asyncio.Protocol, context: ServerContext, timeout: float) -> None:
        self._protocol = protocol
        self._context = context
        self._timeout = timeout
        self._received = b""
        self.handshake: asyncio.Task[TlsTransport]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        network = cast("asyncio.Transport", transport)
        self.handshake = asyncio.get_running_loop().create_task(self._start(network))

    def data_received(self, data: bytes) -> None:
        self._received += data

    async def _start(self, network: asyncio.Transport) -> TlsTransport:
        engine = TlsEngine.server(self._context)
        return await start_tls(
            network, self._protocol, engine, received=self._received, timeout=self._timeout
        )


@asynccontextmanager
async def tls_server(
    context: ServerContext, protocol: Callable[[], asyncio.Protocol], *, timeout: float = 20
) -> AsyncIterator[tuple[int, asyncio.Queue[Upgrade]]]:
    """A port of a server with implicit TLS, and its connections."""
    connections: asyncio.Queue[Upgrade] = asyncio.Queue()

    def accept() -> Upgrade:
        connection = Upgrade(protocol(), context, timeout)
        connections.put_nowait(connection)
        return connection

    server = await asyncio.get_running_loop().create_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], connections
    finally:
        server.close()
        await server.wait_closed()


async def connect(port: int, protocol: asyncio.Protocol, engine: TlsEngine) -> TlsTransport:
    """A client with implicit TLS."""
    network, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, "127.0.0.1", port)
    return await start_tls(network, protocol, engine, timeout=20)
