"""Websockets at the edge: the consumer on behalf of an exchange."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final

from mail import clock
from webserver.edge.field_section import Field
from webserver.edge.refusal import ClientGone
from webserver.edge.waiting import AwaitableExchange
from webserver.websocket.consumer import UpgradeConsumer
from webserver.websocket.handshake import HandshakeError
from webserver.websocket.tunnel import Stream, Tunnel, as_stream
from webserver.websocket.upgrade import SCOPE_TYPE, Upgrade

log = logging.getLogger(__name__)

application: Final = UpgradeConsumer.as_asgi()

_ADDED_BY_EDGE: Final = frozenset({b"content-length", b"date"})

_running: set[asyncio.Task[None]] = set()


class EdgeConnection(AwaitableExchange):
    """The client's connection, as the consumer needs it. Its task ends with the client."""

    task: asyncio.Task[None] | None = None

    def take_over(self) -> tuple[Stream, bytes]:
        """See webserver.websocket.upgrade.Connection."""
        exchange = self.exchange
        exchange.owner = self.task = None
        exchange.is_websocket = True
        exchange.status = 101
        exchange.headers_sent = clock.monotonic()
        transport, early = exchange.takeover(asyncio.Protocol())
        return as_stream(transport), early

    def tunnel_closed(self, tunnel: Tunnel) -> None:
        """See webserver.websocket.upgrade.Connection."""
        exchange = self.exchange
        exchange.bytes_in, exchange.bytes_out = tunnel.client.received, tunnel.backend.received
        exchange.error = tunnel.error
        exchange.end_tunnel(101)

    def refuse(self, error: HandshakeError) -> None:
        """See webserver.websocket.upgrade.Connection."""
        self.exchange.error = error.cause
        self.exchange.refuse(error.status, error.text, list(error.headers))

    def cut(self, cause: str) -> None:
        """See webserver.websocket.upgrade.Connection."""
        self.exchange.abort(cause)

    def client_gone(self) -> None:
        """Nobody waits for the backend's answer any more."""
        super().client_gone()
        if self.task is not None:
            self.task.cancel()

    async def send(self, message: dict[str, Any]) -> None:
        """A message of ASGI's http.response. Raises ClientGone."""
        if message["type"] == "http.response.start":
            headers: Sequence[Field] = message["headers"]
            lengths = [value for name, value in headers if name.lower() == b"content-length"]
            fields = [field for field in headers if field[0].lower() not in _ADDED_BY_EDGE]
            self.exchange.start(message["status"], fields, int(lengths[0]) if lengths else None)
            return
        if message["body"]:
            await self.write(message["body"])
        if not message["more_body"]:
            self.exchange.finish()


def forward_websocket(connection: EdgeConnection, upgrade: Upgrade) -> None:
    """Run the consumer. `connection` is that of the upgrade; the exchange's handler has its name already."""
    connection.exchange.websocket_request = True
    task = asyncio.get_running_loop().create_task(_run(connection, upgrade))
    connection.task = task
    _running.add(task)
    task.add_done_callback(_running.discard)


async def _run(connection: EdgeConnection, upgrade: Upgrade) -> None:
    messages = iter([{"type": SCOPE_TYPE}])

    async def receive() -> dict[str, Any]:
        return next(messages)

    try:
        await application({"type": SCOPE_TYPE, SCOPE_TYPE: upgrade}, receive, connection.send)
    except ClientGone:
        pass
    except Exception:
        fields = {"handler": upgrade.handler.name, "url": upgrade.url}
        log.exception("a websocket could not be forwarded", extra={"fields": fields})
        if not connection.exchange.ended:
            connection.exchange.abort("internal error")
