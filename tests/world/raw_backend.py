"""A backend that says what a test tells it, byte for byte."""

import base64
import contextlib
import hashlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from mail.process.listening import open_unix_socket

Script = Callable[[socket.socket, bytes], None]
"""Gets a connection and the head of its request; the connection is closed afterwards."""


class RawBackend:
    """Listens on loopback and runs a script for each connection. `heads` are the requests it got."""

    def __init__(
        self, script: Script | bytes, *, unix_socket: Path | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self._script = answering(script) if isinstance(script, bytes) else script
        self._tls = tls
        self.heads: SimpleQueue[bytes] = SimpleQueue()
        self.protocols: SimpleQueue[str | None] = SimpleQueue()
        """What was agreed on with TLS, for each connection."""
        if unix_socket:
            self._listener = open_unix_socket(str(unix_socket))
            self._listener.setblocking(True)
        else:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "RawBackend":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls:
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
                self.protocols.put(connection.selected_alpn_protocol())
            head = read_head(connection)
            if head:
                self.heads.put(head)
                self._script(connection, head)


def answering(data: bytes) -> Script:
    """Send this and wait for the other side to close."""

    def script(connection: socket.socket, head: bytes) -> None:
        connection.sendall(data)
        read_all(connection)

    return script


def accepting(then: Callable[[socket.socket], object], more: bytes = b"", extra: bytes = b"") -> Script:
    """Accept with `extra` header lines, send `more` in the same piece, and go on with `then`."""

    def script(connection: socket.socket, head: bytes) -> None:
        connection.sendall(switching(head, extra) + more)
        then(connection)

    return script


def switching(head: bytes, extra: bytes = b"") -> bytes:
    """The 101 for a request."""
    accept = base64.b64encode(hashlib.sha1(header(head, b"sec-websocket-key") + _GUID).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n" + extra + b"\r\n"
    )


def header(head: bytes, name: bytes) -> bytes:
    """The only value under a name, given in lower case; empty when there is none."""
    lines = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
    found = [value.strip() for own, _, value in lines if own.lower() == name]
    assert len(found) < 2, f"{name!r} twice"
    return found[0] if found else b""


def read_head(connection: socket.socket) -> bytes:
    """Up to the empty line, no byte more; what has come when the connection ends before."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        if not piece:
            break
        head += piece
    return head


def read_exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes. Fails the test when there are less."""
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(min(65536, size - len(data)))
        assert piece, f"the connection ended after {len(data)} of {size} bytes: {bytes(data[:200])!r}"
        data += piece
    return bytes(data)


def read_all(connection: socket.socket) -> bytes:
    """All until the other side closes; a reset counts as that."""
    data = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            data += piece
    return bytes(data)


_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
