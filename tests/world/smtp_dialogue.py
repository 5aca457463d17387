"""An SMTP client that sends exactly what a test tells it to, over a blocking socket."""

import base64
import socket
import ssl
from types import TracebackType
from typing import Self

PATIENCE = 60.0
"""Seconds for one reply; a machine under load is slow."""


class ConnectionEnded(Exception):
    """The server closed the connection."""


class Dialogue:
    """One connection. Replies are all lines without the last line end. `opening` is sent before TLS."""

    def __init__(self, port: int, *, tls: ssl.SSLContext | None = None, opening: bytes = b"") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(opening)
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_hostname="localhost")
        self._input = self._socket.makefile("rb")
        self.greeting = self.reply()

    def send(self, data: bytes | str) -> None:
        """Send as it is."""
        self._socket.sendall(data.encode() if isinstance(data, str) else data)

    def reply(self) -> str:
        """The next reply. Raises ConnectionEnded."""
        lines: list[str] = []
        while True:
            line = self._input.readline()
            if not line:
                raise ConnectionEnded("\n".join(lines))
            assert line.endswith(b"\r\n"), line
            lines.append(line[:-2].decode("ascii"))
            if line[3:4] == b" ":
                return "\n".join(lines)

    def ask(self, *lines: str) -> str:
        """Send lines one after the other; the reply to the last."""
        answer = ""
        for line in lines:
            self.send(f"{line}\r\n")
            answer = self.reply()
        return answer

    def expect(self, code: str, *lines: str) -> str:
        """`ask`, whose last reply must begin with `code`."""
        answer = self.ask(*lines)
        assert answer.startswith(code), f"expected {code}, got {answer!r} to {lines[-1]!r}"
        return answer

    def start_tls(self, context: ssl.SSLContext) -> None:
        """STARTTLS and EHLO."""
        self.expect("220", "STARTTLS")
        self._socket = context.wrap_socket(self._socket, server_hostname="localhost")
        self._input = self._socket.makefile("rb")
        self.expect("250", "EHLO client.example")

    def log_in(self, username: str, password: str) -> str:
        """AUTH PLAIN; the reply."""
        claim = base64.b64encode(f"\0{username}\0{password}".encode()).decode()
        return self.ask(f"AUTH PLAIN {claim}")

    def begin(self, sender: str, *recipients: str, parameters: str = "") -> None:
        """MAIL and RCPT, which must succeed."""
        self.expect("250", f"MAIL FROM:<{sender}>{parameters}")
        for recipient in recipients:
            self.expect("250", f"RCPT TO:<{recipient}>")

    def content(self, raw: bytes) -> str:
        """DATA and the message, dots doubled; the reply to its end."""
        self.expect("354", "DATA")
        stuffed = raw.replace(b"\r\n.", b"\r\n..")
        self.send((b"." if stuffed.startswith(b".") else b"") + stuffed)
        self.send(b".\r\n" if not raw or raw.endswith(b"\r\n") else b"\r\n.\r\n")
        return self.reply()

    def deliver(self, raw: bytes, sender: str, *recipients: str, parameters: str = "") -> str:
        """One transaction; the reply to the content."""
        self.begin(sender, *recipients, parameters=parameters)
        return self.content(raw)

    def close(self) -> None:
        """Close without QUIT."""
        self._input.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
