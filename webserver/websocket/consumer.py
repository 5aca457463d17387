"""The Channels consumer that forwards a websocket: it joins client and backend, and reads no frame."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from channels.consumer import AsyncConsumer

from webserver.edge.field_section import Field
from webserver.handlers.serving.fields import set_fields, wire_fields
from webserver.routing.values import Backend
from webserver.websocket.answer import Answer, BadAnswer, Head
from webserver.websocket.backends import ask
from webserver.websocket.handshake import HandshakeError, by_name, check_request, check_response, tokens
from webserver.websocket.keepalive import is_on_this_machine, keep_alive
from webserver.websocket.open_tunnels import open_tunnels
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
    """For scopes of type SCOPE_TYPE. Runs until the tunnel is open, or the handshake has failed."""

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
        is_joined = False
        try:
            if head.status == 101:
                check_response(key, upgrade.request_headers, head.headers)
                _join(upgrade, answer, head, backend)
                is_joined = True
            else:
                await self._pass_on(upgrade, answer, head, backend)
        except HandshakeError as error:
            _refuse(upgrade, error, backend)
        finally:
            if not is_joined:
                answer.stream.abort()

    async def _pass_on(self, upgrade: Upgrade, answer: Answer, head: Head, backend: Backend) -> None:
        """The backend did not switch. A refusal is for the client; anything else is no answer."""
        if head.status < 300:
            cause = f"{backend.url} answered {head.status} instead of 101"
            raise HandshakeError(400, "The server behind this address does not speak websocket.", cause=cause)
        headers = _for_client(head, upgrade) + [
            (b"Content-Length", length) for length in by_name(head.headers).get(b"content-length", ())
        ]
        await self.send({"type": "http.response.start", "status": head.status, "headers": headers})
        try:
            while piece := await asyncio.wait_for(answer.body(), upgrade.settings.response_seconds):
                await self.send({"type": "http.response.body", "body": piece, "more_body": True})
        except (BadAnswer, TimeoutError) as error:
            upgrade.connection.cut(f"{backend.url}: {error or 'no more of its answer in time'}")
            return
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})


def _join(upgrade: Upgrade, answer: Answer, head: Head, backend: Backend) -> None:
    """Make client and backend one tunnel, which from now on needs nobody."""
    client, early = upgrade.connection.take_over()
    if not is_on_this_machine(backend):
        keep_alive(answer.stream)
    tunnel = open_tunnels.add(upgrade, backend, client, answer.stream)
    tunnel.begin(_switching(upgrade, head), answer.early, early)
    if answer.is_lost:
        tunnel.connection_lost(tunnel.backend, None)


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
    unwanted = _ONE_HOP.union(tokens(by_name(head.headers), b"connection"))
    passing = [field for field in head.headers if field[0].lower() not in unwanted]
    return set_fields(passing, wire_fields(upgrade.settings.response_headers))
