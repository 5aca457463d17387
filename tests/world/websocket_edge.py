"""An edge in a thread of the tests, which forwards every websocket to where a test says."""

import asyncio
import logging
import os
import re
import socket
import ssl
import threading
from concurrent.futures import Future

from mail.process.eventloop import new_event_loop
from tests.world.forwarding import PROXIES, Forwarding, backend_trust, forward_settings
from webserver.accesslog.lines import logfmt_line
from webserver.edge.edge import Edge
from webserver.edge.exchange import Exchange
from webserver.observer import Observer
from webserver.routing.values import Handler
from webserver.websocket.edge import EdgeConnection, forward_websocket
from webserver.websocket.handshake import asks_for_websocket
from webserver.websocket.upgrade import Upgrade

_ONE_HOP = (b"connection", b"upgrade", b"keep-alive")


class WebsocketEdge(logging.Handler):
    """`port` and `tls_port` are where it listens on loopback; `ended` are exchanges that are over."""

    def __init__(self, certificate: ssl.SSLContext) -> None:
        super().__init__()
        self.ended: list[Exchange] = []
        self.access: list[str] = []
        self._lines: list[str] = []
        self._forwarding = Forwarding("http://127.0.0.1:1")
        self.loop = new_event_loop()
        self._stop: asyncio.Future[None] = self.loop.create_future()
        self._plain, self._secure = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
        self.port, self.tls_port = self._plain.getsockname()[1], self._secure.getsockname()[1]
        started: Future[None] = Future()
        self._thread = threading.Thread(
            target=lambda: self.loop.run_until_complete(self._serve(certificate, started))
        )
        self._thread.start()
        started.result()
        logging.getLogger("webserver").addHandler(self)
        logging.getLogger("webserver").setLevel(logging.INFO)

    def use(self, forwarding: Forwarding) -> None:
        """Forward handshakes there from now on."""
        self._forwarding = forwarding

    @property
    def log(self) -> str:
        """What was logged and observed so far."""
        return "\n".join(self._lines)

    def stop(self) -> None:
        """End it."""
        logging.getLogger("webserver").removeHandler(self)
        self.loop.call_soon_threadsafe(self._stop.set_result, None)
        self._thread.join()
        self.loop.close()

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.getMessage()} {getattr(record, 'fields', '')} {record.exc_text or ''}")

    async def _serve(self, certificate: ssl.SSLContext, started: "Future[None]") -> None:
        edge = Edge(self._dispatch, observer=_Observer(self))
        await edge.listen([self._plain])
        await edge.listen([self._secure], certificate)
        started.set_result(None)
        await self._stop
        await edge.stop(5)

    def note(self, exchange: Exchange) -> None:
        """An exchange is over."""
        self.ended.append(exchange)
        self._lines.append(f"{exchange.status} {exchange.bytes_in} {exchange.bytes_out} {exchange.error}")

    def _dispatch(self, exchange: Exchange) -> None:
        exchange.handler = "plain"
        if not asks_for_websocket(f"1.{exchange.head.minor_version}", exchange.head.fields):
            exchange.respond(200, [], b"plain " + exchange.head.method)
            return
        forwarding = self._forwarding
        for name in PROXIES:
            os.environ.pop(name, None)
        os.environ.update(dict(forwarding.environment))
        settings = forward_settings(forwarding)
        target = exchange.head.target.decode("ascii")
        path, _, query = target.partition("?")
        fields = exchange.head.fields
        connection = EdgeConnection(exchange)
        exchange.handler = "sockets"
        forward_websocket(
            connection,
            Upgrade(
                handler=Handler(1, "sockets", "ws.example", re.compile("^/"), settings),
                settings=settings,
                backends=settings.backends,
                method=exchange.head.method.decode("ascii"),
                path=path,
                query=query,
                request_headers=fields,
                headers=[(name, value) for name, value in fields if name.lower() not in _ONE_HOP],
                client=exchange.client,
                url=target,
                tls=backend_trust(forwarding),
                connection=connection,
            ),
        )


class _Observer(Observer):
    def __init__(self, front: WebsocketEdge) -> None:
        super().__init__(logfmt_line, front.access.append)
        self._front = front

    def ended(self, exchange: Exchange) -> None:
        self._front.note(exchange)
        super().ended(exchange)
