"""Scripted SMTP servers on loopback: raw bytes, exactly as a test wants them.

    def script(peer: PeerSession) -> None:
        peer.send("220 hello")
        peer.expect("EHLO")
        peer.send("250 mx.remote.example")

    with SmtpPeer(script) as server: ...   # server.ip, server.port, server.sessions

`Ordinary` is a ready script: a server that follows the rules, with the replies that a test changes.
"""

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Script = Callable[["PeerSession"], None]


class PeerGone(Exception):
    """The client closed the connection while the script waited for a line."""


class PeerSession:
    """One connection. `lines` are the commands received, `messages` the bytes after DATA, dots as sent."""

    def __init__(self, connection: socket.socket, client_ip: str) -> None:
        self._socket = connection
        self.client_ip = client_ip
        """Where the connection came from."""
        self._buffer = b""
        self.lines: list[str] = []
        self.messages: list[bytes] = []
        self.client_closed = threading.Event()
        connection.settimeout(30)

    def send(self, *lines: str) -> None:
        """Send lines, each with CR LF, in one piece."""
        self.send_raw("".join(line + "\r\n" for line in lines).encode())

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        try:
            self._socket.sendall(data)
        except OSError:
            raise PeerGone from None

    def read_line(self) -> str:
        """The next command. Raises PeerGone at the end of the connection."""
        while b"\r\n" not in self._buffer:
            self.receive()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        self.lines.append(line.decode())
        return self.lines[-1]

    def expect(self, start: str) -> str:
        """The next command, which must begin with `start`."""
        line = self.read_line()
        assert line.upper().startswith(start.upper()), f"expected {start}, got {line!r}"
        return line

    def read_message(self) -> bytes:
        """All up to CR LF . CR LF, which is included."""
        data = b"\r\n"
        while b"\r\n.\r\n" not in data + self._buffer:
            data, self._buffer = data + self._buffer, b""
            self.receive()
        data += self._buffer
        end = data.index(b"\r\n.\r\n") + 5
        self._buffer = data[end:]
        self.messages.append(data[2:end])
        return self.messages[-1]

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands as the server. Raises PeerGone when that fails."""
        try:
            self._socket = context.wrap_socket(self._socket, server_side=True)
        except OSError:
            raise PeerGone from None

    def channel_binding(self, kind: str) -> bytes:
        """What a login over this TLS connection can be bound to, as the standard library knows it."""
        assert isinstance(self._socket, ssl.SSLSocket)
        data = self._socket.get_channel_binding(kind)
        assert data is not None
        return data

    def wait_for_close(self) -> None:
        """Wait until the client has closed."""
        with contextlib.suppress(PeerGone):
            while True:
                self.receive()

    def close(self) -> None:
        """Close the connection in good order."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def reset(self) -> None:
        """Close the connection with a TCP reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._socket.close()

    @property
    def unread(self) -> bytes:
        """Bytes that came but were not asked for yet."""
        return self._buffer

    def receive(self) -> None:
        """Wait for more bytes. Raises PeerGone when the client has closed."""
        try:
            data = self._socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.client_closed.set()
            raise PeerGone
        self._buffer += data


class SmtpPeer:
    """Runs `script` for every connection to a loopback address. An error in the script fails the test."""

    def __init__(
        self,
        script: Script,
        *,
        ip: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._script = script
        self._tls = tls
        self._listener = socket.create_server((ip, port), family=_family(ip), backlog=50)
        self.ip = ip
        self.port: int = self._listener.getsockname()[1]
        self.sessions: list[PeerSession] = []
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    @property
    def messages(self) -> list[bytes]:
        """The messages of all sessions."""
        return [message for session in self.sessions for message in session.messages]

    @property
    def lines(self) -> list[str]:
        """The commands of all sessions."""
        return [line for session in self.sessions for line in session.lines]

    def __enter__(self) -> "SmtpPeer":
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(5)
        for thread in self._threads:
            thread.join(5)
        if self._errors and kind is None:
            raise self._errors[0]

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._listener.accept()
            except OSError:
                return
            session = PeerSession(connection, str(address[0]))
            self.sessions.append(session)
            thread = threading.Thread(target=self._serve, args=(session,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, session: PeerSession) -> None:
        try:
            if self._tls is not None:
                session.start_tls(self._tls)
            self._script(session)
        except PeerGone:
            pass
        except BaseException as error:
            self._errors.append(error)
        finally:
            session.close()


def _family(ip: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in ip else socket.AF_INET


PLAIN_EXTENSIONS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 10000000", "ENHANCEDSTATUSCODES")


@dataclass
class Ordinary:
    """A server that takes mail. `rcpt` maps recipients to replies; `end` replies to the messages in turn.

    With `tls` STARTTLS is announced in clear text, and the client must say EHLO again after it.
    `login` maps user names to passwords for AUTH PLAIN and AUTH LOGIN.
    """

    greeting: str = "220 mx.remote.example ESMTP"
    extensions: tuple[str, ...] = PLAIN_EXTENSIONS
    mail: str = "250 2.1.0 ok"
    rcpt: Mapping[str, str] = field(default_factory=dict)
    data: str = "354 go ahead"
    end: tuple[str, ...] = ("250 2.0.0 queued as 123",)
    tls: ssl.SSLContext | None = None
    starttls: str = "220 ready"
    login: Mapping[str, str] | None = None

    def __call__(self, peer: PeerSession) -> None:
        encrypted = False
        accepted = 0
        peer.send(self.greeting)
        while True:
            verb, _, rest = peer.read_line().partition(" ")
            match verb.upper():
                case "EHLO":
                    peer.send(*_ehlo_reply(self._announced(encrypted)))
                case "HELO" | "RSET":
                    accepted = 0
                    peer.send("250 ok")
                case "STARTTLS":
                    peer.send(self.starttls)
                    if self.starttls.startswith("220") and self.tls is not None:
                        peer.start_tls(self.tls)
                        encrypted = True
                case "AUTH":
                    peer.send(self._authenticate(peer, rest))
                case "MAIL":
                    accepted = 0
                    peer.send(self.mail)
                case "RCPT":
                    reply = self._recipient_reply(rest)
                    accepted += reply.startswith("2")
                    peer.send(reply)
                case "DATA":
                    self._take_message(peer, accepted)
                case "QUIT":
                    peer.send("221 bye")
                    return
                case _:
                    peer.send("500 5.5.1 unknown command")

    def _announced(self, encrypted: bool) -> tuple[str, ...]:
        starttls = ("STARTTLS",) if self.tls is not None and not encrypted else ()
        auth = ("AUTH PLAIN LOGIN",) if self.login is not None and (encrypted or self.tls is None) else ()
        return (*self.extensions, *starttls, *auth)

    def _recipient_reply(self, rest: str) -> str:
        address = rest.partition("<")[2].partition(">")[0]
        return self.rcpt.get(address, "250 2.1.5 ok")

    def _take_message(self, peer: PeerSession, accepted: int) -> None:
        if not accepted:
            peer.send("554 5.5.1 no valid recipients")
            return
        peer.send(self.data)
        if self.data.startswith("354"):
            peer.read_message()
            peer.send(self.end[min(len(peer.messages), len(self.end)) - 1])

    def _authenticate(self, peer: PeerSession, rest: str) -> str:
        mechanism, _, initial = rest.partition(" ")
        if mechanism == "PLAIN":
            if not initial:
                peer.send("334 ")
                initial = peer.read_line()
            _, username, password = base64.b64decode(initial).decode().split("\0")
        else:
            peer.send("334 VXNlcm5hbWU6")
            username = base64.b64decode(peer.read_line()).decode()
            peer.send("334 UGFzc3dvcmQ6")
            password = base64.b64decode(peer.read_line()).decode()
        known = (self.login or {}).get(username)
        return "235 2.7.0 welcome" if known == password else "535 5.7.8 wrong user name or password"


def _ehlo_reply(extensions: tuple[str, ...]) -> list[str]:
    lines = ["mx.remote.example", *extensions]
    return [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]
