"""Connections with backends: opened when needed, kept for the next exchange."""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mail import clock
from mail.process.unixpath import short_path
from webserver.handlers.forward.outcome import origin
from webserver.handlers.forward.proxies import http_proxy
from webserver.handlers.forward.serving.backend_connection import BackendConnection
from webserver.handlers.forward.serving.through_proxy import connect_through
from webserver.routing.values import Backend, HealthCheck

log = logging.getLogger(__name__)

IDLE_SECONDS: Final = 50.0
"""A connection that was not used for longer is closed; most servers keep theirs for 60 or 75."""

MOST_IDLE: Final = 256
"""Connections with one backend that are kept."""

FIRST_PENALTY: Final = 1.0
LONGEST_PENALTY: Final = 30.0
"""Seconds for which a backend that could not be reached is asked last; doubled each time."""


class Pool:
    """The connections with one backend, and how it is doing."""

    def __init__(self, backend: Backend, tls: Callable[[], ssl.SSLContext]) -> None:
        self.proxy = proxy = http_proxy(backend)
        self.proxy_lines = b"" if proxy is None or backend.tls else proxy.fields
        """What a proxy wants to know with each request; nothing in a tunnel through it."""
        self.origin = "" if proxy is None or backend.tls else origin(backend)
        """What stands before the path of a request to a proxy (RFC 9112 section 3.2.2)."""
        self.backend = (
            replace(backend, base_path=self.origin + (backend.base_path or "/")) if self.origin else backend
        )
        """What targets are made with."""
        self._tls = tls
        self._idle: deque[BackendConnection] = deque()
        self._loop = asyncio.get_running_loop()
        self._sweeper: asyncio.TimerHandle | None = None
        self.down_until = 0.0
        """On `clock.monotonic`; 0 while it is well."""
        self._penalty = FIRST_PENALTY
        self._reason = ""
        self.unwell: dict[HealthCheck, str] = {}
        """What health checks find wrong."""
        self.checked: clock.Moment = 0
        """When one had its last result."""

    @property
    def problem(self) -> str:
        """Why other backends are asked first; "" while it is well."""
        if self.unwell:
            return next(iter(self.unwell.values()))
        return self._reason if self.down_until > clock.monotonic() else ""

    def take(self, within: float = IDLE_SECONDS) -> BackendConnection | None:
        """A connection that was in use not longer than so many seconds ago, if there is one."""
        idle = self._idle
        if not idle:
            return None
        connection = idle.pop()
        if self._loop.time() - connection.idle_since > within or connection.transport.is_closing():
            idle.append(connection)
            return None
        return connection

    async def connect(self, seconds: float) -> BackendConnection:
        """A new connection. Raises OSError, ssl.SSLError and TimeoutError."""
        backend = self.backend
        async with asyncio.timeout(seconds):
            tls = self._tls() if backend.tls else None
            name = backend.host if tls else None

            def made() -> BackendConnection:
                return BackendConnection(self, self._loop)

            if self.proxy is not None:
                connection = await connect_through(self.proxy, backend, made, tls)
            elif backend.unix_socket:
                with short_path(backend.unix_socket) as path:
                    _, connection = await self._loop.create_unix_connection(
                        made, path, ssl=tls, server_hostname=name
                    )
            else:
                _, connection = await self._loop.create_connection(
                    made, backend.host, backend.port, ssl=tls, server_hostname=name
                )
        return connection

    def put(self, connection: BackendConnection) -> None:
        """Keep it for another exchange."""
        connection.idle_since = self._loop.time()
        if len(self._idle) >= MOST_IDLE or not connection.is_open:
            connection.close()
            return
        self._idle.append(connection)
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(IDLE_SECONDS, self._sweep)

    def forget(self, connection: BackendConnection) -> None:
        """It is closed."""
        if connection.user is None and connection in self._idle:
            self._idle.remove(connection)

    def close(self) -> None:
        """End all that is idle. What is in use ends with its exchange."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        while self._idle:
            self._idle.popleft().close()

    def failed(self, reason: str) -> None:
        """The backend could not be reached: for a while others are asked first."""
        was_well = not self.down_until
        self._reason = reason
        self.down_until = clock.monotonic() + self._penalty
        self._penalty = min(2 * self._penalty, LONGEST_PENALTY)
        if was_well:
            fields = {"backend": self.backend.url, "reason": reason}
            log.warning("a backend can't be reached", extra={"fields": fields})

    def works(self) -> None:
        """The backend has been reached."""
        if self.down_until:
            self.down_until = 0.0
            self._penalty = FIRST_PENALTY
            log.info("a backend is reached again", extra={"fields": {"backend": self.backend.url}})

    def _sweep(self) -> None:
        self._sweeper = None
        too_old = self._loop.time() - IDLE_SECONDS
        while self._idle and self._idle[0].idle_since <= too_old:
            self._idle.popleft().close()
        if self._idle:
            self._sweeper = self._loop.call_at(self._idle[0].idle_since + IDLE_SECONDS, self._sweep)
