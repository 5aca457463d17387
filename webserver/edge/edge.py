"""The HTTP server of one process: listening sockets, connections, and their end."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterable

from webserver.edge.arrival import Arrival, ClientConnection
from webserver.edge.connection import Connection
from webserver.edge.exchange import Exchange, Observer
from webserver.edge.limits import EdgeLimits
from webserver.edge.probes import keep_alive
from webserver.edge.proxied import ProxyListener

Dispatch = Callable[[Exchange], None]
"""Answers an exchange or sees to it that it is answered. Must not block."""

BACKLOG = 1024


class Unobserved:
    """Counts nothing."""

    def ended(self, exchange: Exchange) -> None:
        """See Observer."""


class Edge:
    """Accepts connections and hands their requests to `dispatch`. Made on the running loop."""

    def __init__(
        self, dispatch: Dispatch, *, observer: Observer | None = None, limits: EdgeLimits | None = None
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.observer: Observer = observer or Unobserved()
        self.limits = limits or EdgeLimits()
        self.connections: set[ClientConnection] = set()
        self.stopping = False
        self._dispatch = dispatch
        self._servers: list[asyncio.Server | ProxyListener] = []
        self._empty = asyncio.Event()

    def dispatch(self, exchange: Exchange) -> None:
        """Have the exchange answered. What goes wrong unforeseen is logged, and the client gets 500."""
        try:
            self._dispatch(exchange)
        except Exception:
            exchange.failed()

    async def listen(
        self,
        listeners: Iterable[socket.socket],
        tls: ssl.SSLContext | None = None,
        proxies: Callable[[str], bool] | None = None,
    ) -> None:
        """Accept connections on sockets that are open already; with `tls` in TLS.

        `proxies` says of an address whether what connects from there must begin with a PROXY header.
        """
        for listener in listeners:
            keep_alive(listener)
            if proxies is not None:
                self._servers.append(ProxyListener(self, listener, tls, proxies))
                continue
            server = await self.loop.create_server(
                (lambda: Arrival(self, "https")) if tls else (lambda: Connection(self, "http")),
                sock=listener,
                backlog=BACKLOG,
                ssl=tls,
                ssl_handshake_timeout=self.limits.handshake_seconds if tls else None,
            )
            self._servers.append(server)

    def left(self, connection: ClientConnection) -> None:
        """Told by a connection that is closed or was handed over."""
        self.connections.discard(connection)
        if self.stopping and not self.connections:
            self._empty.set()

    async def stop(self, grace: float) -> None:
        """Accept no more, let requests end for `grace` seconds, then cut them."""
        self.stopping = True
        for server in self._servers:
            server.close()
        for connection in list(self.connections):
            connection.stop()
        with contextlib.suppress(TimeoutError):
            if self.connections:
                await asyncio.wait_for(self._empty.wait(), grace)
        for connection in list(self.connections):
            connection.abort_exchange()
