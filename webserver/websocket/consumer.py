"""The Channels consumer that forwards a websocket: it joins client and backend, and reads no frame."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from channels.consumer import AsyncConsumer

from webserver.edge.head import Field
from webserver.handlers.serving.fields import set_fields, wire_fields
from webserver.routing.values import Backend
from webserver.websocket.answer import Answer, BadAnswer, Head
from webserver.websocket.backends import ask
from webserver.websocket.handshake import HandshakeError, check_request, check_response, tokens, values
from webserver.websocket.keepalive import keep_alive
from webserver.websocket.open_tunnels import OpenTunnel, open_tunnels
from webserver.websocket.tunnel import Tunnel
from webserver.websocket.upgrade import SCOPE_TYPE, Upgrade

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

log = logging.getLogger(__name__)

_ONE_HOP: Final = frozenset(
    {
        b"connection",
        b"content-length",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)


class UpgradeConsumer(AsyncConsumer):  # type: ignore[misc]  # channels has no types
    """For scopes of type SCOPE_TYPE. Runs until the tunnel is closed, or the handshake has failed."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Unlike other consumers, without a channel to be spoken to and tasks that wait for messages."""
        self.scope, self.base_send = scope, send
        message = await receive()
        if message["type"] == SCOPE_TYPE:
            await self._forward(scope[SCOPE_TYPE])

    async def _forward(self, upgrade: Upgrade) -> None:
        try:
            key = check_request(upgrade.method, upgrade.request_headers)
            answer, head, backend = await ask(upgrade)
        except HandshakeError as error:
            _refuse(upgrade, error)
            return
        try:
            if head.status == 101:
                check_response(key, upgrade.request_headers, head.headers)
                await self._join(upgrade, answer, head, backend)
            else:
                await self._pass_on(upgrade, answer, head, backend)
        except HandshakeError as error:
            _refuse(upgrade, error, backend)
        finally:
            answer.stream.abort()

    async def _join(self, upgrade: Upgrade, answer: Answer, head: Head, backend: Backend) -> None:
        client, early = upgrade.connection.take_over()
        for stream in (client, answer.stream):
            keep_alive(stream)
        tunnel = Tunnel(client, answer.stream)
        with open_tunnels.holding(OpenTunnel(upgrade, backend, tunnel)):
            try:
                tunnel.begin(_switching(upgrade, head), answer.early, early)
                if answer.is_lost:
                    tunnel.connection_lost(tunnel.backend, None)
                await tunnel.closed
            finally:
                tunnel.abort()
                upgrade.connection.tunnel_closed(tunnel)

    async def _pass_on(self, upgrade: Upgrade, answer: Answer, head: Head, backend: Backend) -> None:
        """The backend did not switch. A refusal is for the client; anything else is no answer."""
        if head.status < 300:
            cause = f"{backend.url} answered {head.status} instead of 101"
            raise HandshakeError(400, "The server behind this address does not speak websocket.", cause=cause)
        headers = _for_client(head, upgrade) + [
            (b"Content-Length", length) for length in values(head.headers, b"content-length")
        ]
        await self.send({"type": "http.response.start", "status": head.status, "headers": headers})
        try:
            while piece := await asyncio.wait_for(answer.body(), upgrade.settings.response_seconds):
                await self.send({"type": "http.response.body", "body": piece, "more_body": True})
        except (BadAnswer, TimeoutError) as error:
            upgrade.connection.cut(f"{backend.url}: {error or 'no more of its answer in time'}")
            return
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})


def _refuse(upgrade: Upgrade, error: HandshakeError, backend: Backend | None = None) -> None:
    where = {"backend": backend.url} if backend else {}
    fields: dict[str, object] = {
        "handler": upgrade.handler.name,
        "url": upgrade.url,
        "client": upgrade.client,
        **where,
    }
    fields |= {"code": error.status, "reason": error.cause}
    log.info("websocket not forwarded", extra={"fields": fields})
    upgrade.connection.refuse(error)


def _switching(upgrade: Upgrade, head: Head) -> bytes:
    """The head of our own 101: what the backend said, for the client."""
    lines = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
    lines += [name + b": " + value for name, value in _for_client(head, upgrade)]
    return b"\r\n".join([*lines, b"", b""])


def _for_client(head: Head, upgrade: Upgrade) -> list[Field]:
    """The headers of the backend but for those of one hop, with what the handler sets in place of its own."""
    unwanted = _ONE_HOP.union(tokens(head.headers, b"connection"))
    passing = [field for field in head.headers if field[0].lower() not in unwanted]
    return set_fields(passing, wire_fields(upgrade.settings.response_headers))
