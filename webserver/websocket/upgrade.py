"""What a server and the consumer of upgrades say to each other."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from webserver.handlers.forward.target import join_target
from webserver.routing.request import Request
from webserver.routing.values import Backend, ForwardSettings, Handler
from webserver.websocket.handshake import HandshakeError, Headers
from webserver.websocket.tunnel import Stream, Tunnel

SCOPE_TYPE: Final = "webserver.upgrade"
"""Type of the scope and of its one message. The scope's entry of the same name is an Upgrade."""


class Connection(Protocol):
    """The connection with the client, as a server offers it to the consumer."""

    def take_over(self) -> tuple[Stream, bytes]:
        """The connection itself, from now on the caller's, and what was read of it behind the request.

        The answer 101 has not been written. Nothing is read until the caller resumes reading.
        """

    def tunnel_closed(self, tunnel: Tunnel) -> None:
        """Both connections are gone: time to log what went through."""

    def refuse(self, error: HandshakeError) -> None:
        """Answer with the error's status, headers and text; its cause is for the log."""

    def cut(self, cause: str) -> None:
        """End an answer that can't be completed, so that the client sees that it is not whole."""


@dataclass(slots=True)  # frozen ones take longer to make
class Upgrade:
    """A handshake to be forwarded.

    `request_headers` are the client's; `headers` those for the backend, as for any forwarded request: without
    those that are meant for one hop, and with what the backend may know of the client. `path` and `query`
    are as `join_target` takes them. `backends` are tried in order.
    """

    handler: Handler
    settings: ForwardSettings
    backends: tuple[Backend, ...]
    method: str
    path: str
    query: str
    request_headers: Headers
    headers: Headers
    request: Request
    client: str
    url: str
    tls: Callable[[], ssl.SSLContext]
    tried: Callable[[Backend, str], None]
    """Told whether a backend took the connection: why not, or "" if it did."""
    connection: Connection

    def request_head(self, backend: Backend) -> bytes:
        """The request for a backend, of which Upgrade and Connection say what it is about."""
        lines = [f"GET {join_target(backend, self.path, self.query)} HTTP/1.1".encode("latin-1")]
        lines += [name + b": " + value for name, value in self.headers]
        lines += [b"Connection: Upgrade", b"Upgrade: websocket", b"", b""]
        return b"\r\n".join(lines)
