"""A request of daphne that becomes a tunnel where the server says so."""

from typing import Any

from daphne.http_protocol import WebRequest

from webserver.daphne.stream import TwistedStream
from webserver.websocket.handshake import HandshakeError, Headers, asks_for_websocket
from webserver.websocket.keepalive import keep_alive
from webserver.websocket.tunnel import Stream, Tunnel
from webserver.websocket.upgrade import SCOPE_TYPE


class UpgradableRequest(WebRequest):  # type: ignore[misc]  # daphne has no types
    """Offers its connection to the consumer of upgrades, instead of reading frames itself."""

    # Twisted's channel and daphne's request have no types and no documented way to hand a connection over;
    # what is used of their insides is all here.

    def process(self) -> Any:
        """Called when the whole request is there."""
        upgrade = None
        if asks_for_websocket(self.clientproto.partition(b"/")[2].decode("latin-1"), self.all_headers):
            upgrade = self.server.upgrade_of(self)
        if upgrade is None:
            if self.clientproto == b"HTTP/1.0":
                self.requestHeaders.removeHeader(b"upgrade")  # it means nothing there, but daphne looks at it
            return super().process()
        self.request_start = self.server.now()
        self.client_addr = None
        scope = {"type": SCOPE_TYPE, SCOPE_TYPE: upgrade}
        self.application_queue = self.server.create_application(self, scope)
        if self.application_queue is not None:
            self.application_queue.put_nowait({"type": SCOPE_TYPE})
        return None

    @property
    def all_headers(self) -> Headers:
        """Names and values as they were sent, but for the case of the names."""
        raw = self.requestHeaders.getAllRawHeaders()
        return [(name, value) for name, values in raw for value in values]

    def take_over(self) -> tuple[Stream, bytes]:
        """The connection and what was read early; the channel of Twisted has no part in it any more."""
        channel = self.channel
        channel.setTimeout(None)
        connection: Any = channel.transport
        connection.unregisterProducer()
        stream = TwistedStream(connection)
        # TLS of Twisted wraps the protocol.
        setattr(connection, "wrappedProtocol" if channel.isSecure() else "protocol", stream)
        keep_alive(stream)
        early = b"".join(channel._dataBuffer)
        channel._dataBuffer = []
        return stream, early

    def tunnel_closed(self, tunnel: Tunnel) -> None:
        """daphne may forget the request."""
        self.server.protocol_disconnected(self)
        self.server.tunnel_closed(self, tunnel)

    def refuse(self, error: HandshakeError) -> None:
        """Answer in plain text."""
        body = (error.text + "\n").encode()
        plain = (b"Content-Type", b"text/plain; charset=utf-8")
        self.handle_reply(
            {"type": "http.response.start", "status": error.status, "headers": [plain, *error.headers]}
        )
        self.handle_reply({"type": "http.response.body", "body": body})

    def cut(self, cause: str) -> None:
        """The client sees chunks without an end, or less than was announced."""
        self.channel.transport.abortConnection()
