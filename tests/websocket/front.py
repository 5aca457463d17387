"""What tests ask of a server in front of backends, and handshakes to send to it."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Protocol

from tests.world.authority import Authority
from tests.world.forwarding import Forwarding
from tests.world.raw_backend import read_head

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""For that key (RFC 6455 section 1.3)."""

HELLO = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
"""A masked text frame, “Hello” (section 5.7)."""


class Front(Protocol):
    """A server that forwards."""

    port: int
    tls_port: int

    def use(self, forwarding: Forwarding) -> None: ...

    @property
    def log(self) -> str: ...


def handshake(
    *,
    method: bytes = b"GET",
    target: bytes = b"/",
    http: bytes = b"1.1",
    upgrade: bytes = b"websocket",
    connection: bytes = b"Upgrade",
    version: bytes = b"13",
    key: bytes = KEY,
    more: bytes = b"",
) -> bytes:
    """A request that begins a websocket. Header lines that are given as empty are left out."""
    lines = [
        (b"Host", b"ws.example"),
        (b"Upgrade", upgrade),
        (b"Connection", connection),
        (b"Sec-WebSocket-Version", version),
        (b"Sec-WebSocket-Key", key),
    ]
    head = method + b" " + target + b" HTTP/" + http + b"\r\n"
    return head + b"".join(name + b": " + value + b"\r\n" for name, value in lines if value) + more + b"\r\n"


@contextlib.contextmanager
def connected(front: Front, authority: Authority | None = None) -> Iterator[socket.socket]:
    """A connection with the server, with TLS when there is somebody to trust."""
    port = front.tls_port if authority else front.port
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        if authority is None:
            yield plain
        else:
            context = ssl.create_default_context(cafile=str(authority.ca_file))
            with context.wrap_socket(plain, server_hostname="ws.example") as secured:
                yield secured


@contextlib.contextmanager
def opened(front: Front, request: bytes = b"", authority: Authority | None = None) -> Iterator[socket.socket]:
    """A connection whose handshake is done."""
    with connected(front, authority) as connection:
        connection.sendall(request or handshake())
        head = read_head(connection)
        assert head.startswith(b"HTTP/1.1 101 "), head + connection.recv(65536)
        yield connection


def answer(front: Front, request: bytes) -> tuple[int, bytes, bytes]:
    """Status, head and body of the answer to a request that does not become a websocket."""
    with connected(front) as connection:
        connection.sendall(request)
        response = HTTPResponse(connection)
        response.begin()
        head = "".join(f"\r\n{name}: {value}" for name, value in response.getheaders())
        return response.status, head.encode("latin-1"), response.read()
