"""Backends that say exactly the bytes that a test wants."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from webserver.routing.values import Backend

Talk = Callable[["Talker"], None]


@dataclass
class Talker:
    """One connection of the edge with the backend."""

    connection: socket.socket
    buffer: bytes = b""

    def head(self) -> bytes:
        """The head of the next request; nothing when there comes none."""
        while b"\r\n\r\n" not in self.buffer:
            data = self.connection.recv(65536)
            if not data:
                return b""
            self.buffer += data
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head + b"\r\n\r\n"

    def exactly(self, size: int) -> bytes:
        """So many bytes."""
        while len(self.buffer) < size:
            data = self.connection.recv(65536)
            assert data
            self.buffer += data
        found, self.buffer = self.buffer[:size], self.buffer[size:]
        return found

    def until(self, end: bytes) -> bytes:
        """Everything up to and with `end`."""
        while end not in self.buffer:
            data = self.connection.recv(65536)
            assert data
            self.buffer += data
        position = self.buffer.index(end) + len(end)
        found, self.buffer = self.buffer[:position], self.buffer[position:]
        return found

    def say(self, data: bytes) -> None:
        """Send bytes."""
        self.connection.sendall(data)


@dataclass
class RunningBackend:
    """A backend and what it has seen."""

    backend: Backend
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0


@contextmanager
def talking(talk: Talk, *, unix: str = "", base_path: str = "", query: str = "") -> Iterator[RunningBackend]:
    """A backend on loopback, or at a unix socket, that runs `talk` for each connection."""
    if unix:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(unix)
        listener.listen()
        backend = Backend(f"unix:{unix}", False, "localhost", 80, base_path, query, unix)
    else:
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        backend = Backend(f"http://127.0.0.1:{port}", False, "127.0.0.1", port, base_path, query)
    running = RunningBackend(backend)

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                talk(Talker(connection))
            except OSError:
                pass

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(10)
            running.connections += 1
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield running
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def echoing(seen: list[bytes]) -> Talk:
    """Answers each request with its own head, and keeps the connection."""

    def talk(talker: Talker) -> None:
        while head := talker.head():
            seen.append(head)
            talker.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(head), head))

    return talk
