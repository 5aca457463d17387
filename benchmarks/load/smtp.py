"""Closed-loop SMTP load: each session sends its next command when it has the reply to the last one.

    python -m benchmarks.load.smtp --port 1025 --recipient mox@localhost --sessions 10 --messages 2000

Raw sockets, no pipelining, one process; with --login under TLS from the first byte, whose certificate is not
looked at. Each %d in --recipient is the message's number modulo --domains. Prints one JSON object: messages a
second, and milliseconds from MAIL to the reply behind the content (median and 99 %).
"""

import argparse
import base64
import json
import selectors
import socket
import ssl
import time
from collections.abc import Generator
from dataclasses import dataclass, field

from benchmarks.figures import percentile

_LINE = b"The quick brown fox jumps over the lazy dog, and nobody minds at all.\r\n"

Steps = Generator[bytes, bytes, None]
"""Gives what to send, gets the reply."""


@dataclass(slots=True)
class Course:
    """What all sessions share. `left` counts the messages that nobody has begun."""

    address: tuple[str, int]
    sender: str
    recipient: str
    content: bytes
    per_connection: int
    left: int
    login: str = ""
    """User name and password with a colon between them."""
    domains: int = 1
    """How many numbers there are for %d in `recipient`."""
    seconds: list[float] = field(default_factory=list)

    def steps(self) -> Steps:
        """One connection's part of the course."""
        yield b"EHLO load.example\r\n"
        if self.login:
            name, _, password = self.login.partition(":")
            yield b"AUTH PLAIN " + base64.b64encode(f"\0{name}\0{password}".encode()) + b"\r\n"
        for _ in range(self.per_connection):
            if self.left <= 0:
                break
            self.left -= 1
            recipient = self.recipient.replace("%d", str(self.left % self.domains))
            started = time.perf_counter()
            yield f"MAIL FROM:<{self.sender}>\r\n".encode()
            yield f"RCPT TO:<{recipient}>\r\n".encode()
            yield b"DATA\r\n"
            yield self.content
            self.seconds.append(time.perf_counter() - started)
        yield b"QUIT\r\n"


class Session:
    """One connection. `advance` is to be called when it can be read."""

    def __init__(self, course: Course) -> None:
        self._steps = course.steps()
        self._asked = b""
        self._reply = b""
        self.socket = socket.create_connection(course.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if course.login:
            tls = ssl.create_default_context()
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
            self.socket = tls.wrap_socket(self.socket)
            self.socket.setblocking(False)

    def advance(self) -> bool:
        """Read, and with a whole reply send what comes next. False at the end of the conversation."""
        try:
            data = self.socket.recv(65536)
        except ssl.SSLWantReadError:
            return True  # TLS had something to say
        if not data:
            raise ConnectionError(f"the server closed the connection after {self._asked[:80]!r}")
        self._reply += data
        last = self._reply.rpartition(b"\r\n")[0].rpartition(b"\n")[2]
        if not self._reply.endswith(b"\n") or last[3:4] != b" ":
            return True
        if not last.startswith((b"2", b"3")):
            raise ConnectionError(f"{last!r} to {self._asked[:80]!r}")
        reply, self._reply = last, b""
        try:
            self._asked = self._steps.send(reply) if self._asked else next(self._steps)
        except StopIteration:
            return False
        self.socket.sendall(self._asked)
        return True


def run(course: Course, sessions: int) -> float:
    """All messages through so many sessions at once; the seconds it took."""
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:

        def connect() -> None:
            session = Session(course)
            selector.register(session.socket, selectors.EVENT_READ, session)

        for _ in range(sessions):
            connect()
        while selector.get_map():
            for key, _ in selector.select():
                session: Session = key.data
                if not session.advance():
                    selector.unregister(session.socket)
                    session.socket.close()
                    if course.left > 0:
                        connect()
    return time.perf_counter() - started


def content(size: int, sender: str, recipient: str) -> bytes:
    """A message of about `size` bytes, with the dot that ends it."""
    header = (
        f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: load\r\n"
        "Date: Tue, 01 Jul 2025 12:00:00 +0000\r\nMessage-ID: <1@load.example>\r\n\r\n"
    ).encode()
    return header + _LINE * max(1, (size - len(header)) // len(_LINE)) + b".\r\n"


def main() -> None:
    """Read the options, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--sender", default="carol@remote.example")
    parser.add_argument("--recipient", required=True)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--per-connection", type=int, default=100)
    parser.add_argument("--login", default="")
    parser.add_argument("--domains", type=int, default=1)
    options = parser.parse_args()
    course = Course(
        address=(options.host, options.port),
        sender=options.sender,
        recipient=options.recipient,
        content=content(options.size, options.sender, options.recipient),
        per_connection=options.per_connection,
        left=options.messages,
        login=options.login,
        domains=options.domains,
    )
    seconds = run(course, options.sessions)
    figures = {
        "messages": len(course.seconds),
        "rate": len(course.seconds) / seconds,
        "median_ms": 1000 * percentile(course.seconds, 0.5),
        "p99_ms": 1000 * percentile(course.seconds, 0.99),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
