"""A websocket echo server and a load, in processes of their own.

Both do the handshake of RFC 6455 and after it send frames without looking at them, as cheaply as Python
can, so that what is between them is measured:

    python -m benchmarks.load.websocket serve
    python -m benchmarks.load.websocket rtt PORT CONNECTIONS SECONDS
    python -m benchmarks.load.websocket bulk PORT CONNECTIONS SECONDS
    python -m benchmarks.load.websocket connect PORT CONNECTIONS SECONDS
    python -m benchmarks.load.websocket idle PORT CONNECTIONS SECONDS
"""

import asyncio
import contextlib
import sys
import time
from typing import Final, cast

from mail.process.descriptors import allow_descriptors
from mail.process.eventloop import new_event_loop
from webserver.websocket.handshake import accept_value

HOST: Final = b"bench.example"
_KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="
_REQUEST: Final = (
    b"GET /ws/ HTTP/1.1\r\nHost: " + HOST + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + _KEY + b"\r\n\r\n"
)
_SMALL: Final = b"\x82\xc0\0\0\0\0" + b"a" * 64
_LARGE: Final = b"\x82\xff" + (1 << 20).to_bytes(8) + b"\0\0\0\0" + b"a" * (1 << 20)
_WINDOW: Final = 4
"""Large messages on their way at once."""


class Echo(asyncio.Protocol):
    """Accepts a handshake and sends back the bytes that follow."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._head = b""
        self._is_open = False

    def data_received(self, data: bytes) -> None:
        if self._is_open:
            self._transport.write(data)
            return
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if end:
            self._is_open = True
            lines = dict(line.lower().partition(b":")[::2] for line in head.split(b"\r\n"))
            # Keys are case-sensitive; only the names are found in lower case.
            start = head.lower().index(b"sec-websocket-key:") + len(b"sec-websocket-key:")
            key = head[start:].partition(b"\r\n")[0].strip()
            assert b"upgrade" in lines
            accept = accept_value(key)
            self._transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + rest
            )

    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()


class Client(asyncio.Protocol):
    """Does a handshake, then sends messages, each as soon as one has come back."""

    def __init__(self, message: bytes, window: int) -> None:
        self._message, self._window = message, window
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = self._loop.create_future()
        self.closed: asyncio.Future[None] = self._loop.create_future()
        self.echoed: asyncio.Future[None] | None = None
        self.messages = 0
        self._head = b""
        self._missing = len(message)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=1 << 30)
        self.transport.write(_REQUEST)

    def start(self) -> None:
        """Send the first messages."""
        for _ in range(self._window):
            self.transport.write(self._message)

    def data_received(self, data: bytes) -> None:
        if not self.opened.done():
            self._head += data
            if self._head.endswith(b"\r\n\r\n"):
                if self._head.startswith(b"HTTP/1.1 101"):
                    self.opened.set_result(None)
                else:
                    self.opened.set_exception(ConnectionError(self._head[:200].decode("latin-1")))
            return
        self._missing -= len(data)
        while self._missing <= 0:
            self._missing += len(self._message)
            self.messages += 1
            if self.echoed is not None:
                self.echoed.set_result(None)
                self.echoed = None
                return
            self.transport.write(self._message)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed"))
        if not self.closed.done():
            self.closed.set_result(None)


async def serve() -> None:
    """Print the port and serve for ever."""
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _open(port: int, message: bytes, window: int) -> Client:
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(message, window), "127.0.0.1", port)
    await client.opened
    return client


async def exchange(port: int, connections: int, seconds: float, message: bytes, window: int) -> float:
    """Messages a second over all connections."""
    clients = [await _open(port, message, window) for _ in range(connections)]
    for client in clients:
        client.start()
    await asyncio.sleep(min(0.5, seconds / 4))
    before, began = sum(client.messages for client in clients), time.perf_counter()
    await asyncio.sleep(seconds)
    rate = (sum(client.messages for client in clients) - before) / (time.perf_counter() - began)
    for client in clients:
        client.transport.abort()
    return rate


async def connect(port: int, connections: int, seconds: float) -> float:
    """Connections a second, each with one message there and back."""
    until = time.perf_counter() + seconds

    async def again_and_again() -> int:
        done = 0
        while time.perf_counter() < until:
            client = await _open(port, _SMALL, 1)
            echoed = client.echoed = asyncio.get_running_loop().create_future()
            client.start()
            await echoed
            client.transport.close()
            done += 1
        return done

    return sum(await asyncio.gather(*(again_and_again() for _ in range(connections)))) / seconds


async def idle(port: int, connections: int, seconds: float) -> float:
    """Open so many, say how many there are, and hold them."""
    clients: list[Client] = []
    for _ in range(0, connections, 50):
        clients += await asyncio.gather(*(_open(port, _SMALL, 1) for _ in range(50)))
    print(len(clients), flush=True)
    await asyncio.sleep(seconds)
    return sum(not client.closed.done() for client in clients)


async def _measure(mode: str, port: int, connections: int, seconds: float) -> None:
    match mode:
        case "rtt":
            result = await exchange(port, connections, seconds, _SMALL, 1)
        case "bulk":
            result = await exchange(port, connections, seconds, _LARGE, _WINDOW)
        case "connect":
            result = await connect(port, connections, seconds)
        case _:
            result = await idle(port, connections, seconds)
    print(result, flush=True)


def main(mode: str, *arguments: str) -> None:
    """Run one of the modes and print its result."""
    allow_descriptors(40_000)
    if mode == "serve":
        work = serve()
    else:
        port, connections, seconds = int(arguments[0]), int(arguments[1]), float(arguments[2])
        work = _measure(mode, port, connections, seconds)
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
