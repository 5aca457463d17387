"""A SOCKS5 server on loopback that does what a test wants: raw bytes, and what it was asked for."""

import contextlib
import socket
import threading
from collections.abc import Callable
from ipaddress import ip_address

from delivery.transports.proxy import Proxy

Script = Callable[["SocksSession"], None]


class SocksSession:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        connection.settimeout(20)

    def read(self, count: int) -> bytes:
        """So many bytes, or what came until the end."""
        data = b""
        while len(data) < count and (more := self.socket.recv(count - len(data))):
            data += more
        return data

    def accept_without_login(self) -> None:
        """Read the greeting and choose no login."""
        self.read(self.read(2)[1])
        self.socket.sendall(b"\x05\x00")

    def read_request(self) -> tuple[str, int]:
        """Address and port that the client wants; a name fails the test."""
        version, command, _, kind = self.read(4)
        assert (version, command) == (5, 1)
        assert kind in (1, 4), "the client gave a name"
        ip = ip_address(self.read(4 if kind == 1 else 16))
        return str(ip), int.from_bytes(self.read(2))

    def wait_for_close(self) -> None:
        """Say nothing until the client has closed."""
        while self.socket.recv(1000):
            pass


class ScriptedSocks:
    """Runs the script for each connection, one after the other."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._errors: list[BaseException] = []

    @property
    def proxy(self) -> Proxy:
        """The server as a transport sees it."""
        return Proxy("127.0.0.1", self.port)

    def __enter__(self) -> "ScriptedSocks":
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        if self._errors and kind is None:
            raise self._errors[0]

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                try:
                    self._script(SocksSession(connection))
                except (ConnectionError, TimeoutError):
                    pass
                except BaseException as error:
                    self._errors.append(error)


def replying(code: int) -> Script:
    """Answers each request with this code and closes."""

    def script(session: SocksSession) -> None:
        session.accept_without_login()
        session.read_request()
        session.socket.sendall(bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))

    return script
