"""An edge on loopback within the test's process, and raw bytes to it."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mail.process.eventloop import new_event_loop
from webserver.dispatch.dispatcher import Dispatcher
from webserver.edge.edge import Edge
from webserver.edge.exchange import Exchange
from webserver.edge.limits import EdgeLimits

Dispatch = Callable[[Exchange], None]


@dataclass
class Recorder:
    """What ended, in that order."""

    exchanges: list[Exchange] = field(default_factory=list)
    heard: threading.Condition = field(default_factory=threading.Condition)

    def ended(self, exchange: Exchange) -> None:
        """See Observer."""
        with self.heard:
            self.exchanges.append(exchange)
            self.heard.notify_all()

    def wait_for(self, count: int) -> list[Exchange]:
        """The first so many, as soon as there are."""
        with self.heard:
            assert self.heard.wait_for(lambda: len(self.exchanges) >= count, 30)
            return self.exchanges[:count]


class EdgeUnderTest:
    """An edge in a thread of its own. Calls from the test go through `run`."""

    def __init__(self, edge: Edge, loop: asyncio.AbstractEventLoop, port: int, recorder: Recorder) -> None:
        self.edge, self.loop, self.port, self.recorder = edge, loop, port, recorder
        self.dispatcher: Dispatcher | None = None
        """Of a site (tests.edge.sites)."""

    def connect(self) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", self.port), 10)

    def exchange(self, data: bytes) -> bytes:
        """All that is answered to these bytes, until the edge closes."""
        with self.connect() as client:
            client.sendall(data)
            return read_all(client)

    def get(self, path: str, host: str = "www.example.org", *fields: str, method: str = "GET") -> "Answer":
        """One request and its answer."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *fields, "", ""]
        return Answer(self.exchange("\r\n".join(lines).encode("latin-1")))


class Answer:
    """An answer that ended with its connection, taken apart."""

    def __init__(self, data: bytes) -> None:
        self.raw = data
        head, _, content = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.fields = [tuple(line.split(": ", 1)) for line in lines[1:]]
        self.content = dechunk(content) if self["transfer-encoding"] == "chunked" else content

    def __getitem__(self, name: str) -> str:
        return ", ".join(self.all(name))

    def all(self, name: str) -> list[str]:
        """The values of all fields of the name."""
        return [field[1] for field in self.fields if field[0].lower() == name.lower()]


def dechunk(data: bytes) -> bytes:
    """The content in chunks, whose framing must be right."""
    whole = b""
    while True:
        size, separator, data = data.partition(b"\r\n")
        assert separator, "a chunk is missing"
        length = int(size, 16)
        if not length:
            assert data == b"\r\n"
            return whole
        whole += data[:length]
        assert data[length : length + 2] == b"\r\n"
        data = data[length + 2 :]


def read_all(client: socket.socket) -> bytes:
    """Everything until the other side closes or resets."""
    whole = b""
    try:
        while data := client.recv(65536):
            whole += data
    except ConnectionResetError:
        pass
    return whole


@contextmanager
def running_edge(
    dispatch: Dispatch,
    *,
    limits: EdgeLimits | None = None,
    tls: ssl.SSLContext | None = None,
    proxies: Callable[[str], bool] | None = None,
) -> Iterator[EdgeUnderTest]:
    """Serve at a free port until the block ends."""
    with edge_with(lambda: dispatch, limits=limits, tls=tls, proxies=proxies) as running:
        yield running


@contextmanager
def edge_with(
    make: Callable[[], Dispatch],
    *,
    limits: EdgeLimits | None = None,
    tls: ssl.SSLContext | None = None,
    proxies: Callable[[str], bool] | None = None,
) -> Iterator[EdgeUnderTest]:
    """The same, with something that is made on the loop."""
    loop = new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listener = socket.create_server(("127.0.0.1", 0))
    recorder = Recorder()

    async def start() -> Edge:
        edge = Edge(make(), observer=recorder, limits=limits)
        await edge.listen([listener], tls, proxies)
        return edge

    edge = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
    try:
        yield EdgeUnderTest(edge, loop, listener.getsockname()[1], recorder)
    finally:
        asyncio.run_coroutine_threadsafe(edge.stop(1), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
