"""An HTTPS server on loopback that publishes MTA-STS policies, or does what else a test wants."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Self

Answer = Callable[[ssl.SSLSocket], None]


def page(
    body: str | bytes, *, status: str = "200 OK", kind: str = "text/plain", more: tuple[str, ...] = ()
) -> Answer:
    """A whole response."""
    content = body.encode() if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *more]
    head += [f"Content-Type: {kind}"] if kind else []

    def answer(connection: ssl.SSLSocket) -> None:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + content)

    return answer


class PolicyHost:
    """Answers every request with `answer`; `requests` are their heads, `names` those indicated in TLS."""

    def __init__(self, tls: ssl.SSLContext, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[str] = []
        self.names: list[str | None] = []
        tls.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.stopping = threading.Event()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(30)
        with contextlib.suppress(OSError), self._tls.wrap_socket(plain, server_side=True) as connection:
            head = b""
            while b"\r\n\r\n" not in head and (data := connection.recv(65536)):
                head += data
            self.requests.append(head.decode())
            self.answer(connection)
            connection.unwrap()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
