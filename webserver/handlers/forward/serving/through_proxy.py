"""Connections with backends through an HTTP proxy: plain ones to the proxy, TLS in a tunnel (CONNECT)."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final, cast

from webserver.handlers.forward.proxies import HttpProxy
from webserver.handlers.forward.serving.backend_connection import BackendConnection
from webserver.handlers.forward.serving.response import BrokenResponse, head_end, parse_response
from webserver.routing.hosts import url_host
from webserver.routing.values import Backend

_OPEN: Final = range(200, 300)


class ProxyRefused(OSError):
    """The proxy opens no tunnel, or can't be used. The text is for the log."""


async def connect_through(
    proxy: HttpProxy, backend: Backend, made: Callable[[], BackendConnection], tls: ssl.SSLContext | None
) -> BackendConnection:
    """A connection that requests for the backend can be sent on. Raises OSError, such as ProxyRefused."""
    if proxy.problem:
        raise ProxyRefused(proxy.problem)
    loop = asyncio.get_running_loop()
    if tls is None:
        _, connection = await loop.create_connection(made, proxy.host, proxy.port)
        return connection
    _, opening = await loop.create_connection(_Opening, proxy.host, proxy.port)
    try:
        await opening.ask(f"{url_host(backend.host)}:{backend.port}", proxy.fields)
        connection = made()
        transport = await loop.start_tls(opening.transport, connection, tls, server_hostname=backend.host)
        if transport is None:
            raise ProxyRefused("the proxy closed the tunnel")
    except BaseException:
        opening.transport.abort()
        raise
    connection.connection_made(transport)
    return connection


class _Opening(asyncio.Protocol):
    """A connection with a proxy until its tunnel is open."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._data = b""

    async def ask(self, authority: str, fields: bytes) -> None:
        """Have the tunnel opened. Raises ProxyRefused."""
        head = f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n".encode()
        self.transport.write(head + fields + b"\r\n")
        status = await self._answer
        if status not in _OPEN:
            raise ProxyRefused(f"the proxy opens no tunnel: it answers {status}")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The proxy is there."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """The proxy's answer. Nothing may follow it: in TLS the client speaks first."""
        self._data += data
        try:
            end = head_end(self._data)
            if end < 0:
                return
            status = parse_response(self._data[:end]).status
        except BrokenResponse as error:
            self._fail(f"the proxy: {error}")
            return
        if status in _OPEN and len(self._data) > end:
            self._fail("the proxy says more than it should")
        elif not self._answer.done():
            self._answer.set_result(status)

    def connection_lost(self, exc: Exception | None) -> None:
        """The proxy is gone."""
        self._fail("the proxy closed the connection")

    def _fail(self, reason: str) -> None:
        if not self._answer.done():
            self._answer.set_exception(ProxyRefused(reason))
