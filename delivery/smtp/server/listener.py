"""Serving SMTP on sockets that are open already."""

import asyncio
import socket
from collections.abc import Sequence

from delivery.smtp.server.backend import Backend, Service
from delivery.smtp.server.environment import Certificates, Environment, Network
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.transactions import Session

_BACKLOG = 512
"""Connections that wait in the kernel to be accepted."""


class SmtpServer:
    """A server that runs; made by `serve`."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._listeners: list[asyncio.Server] = []

    @property
    def connections(self) -> int:
        """How many are open."""
        return self._environment.counter.count

    async def listen(self, listening: socket.socket, service: Service) -> None:
        """Serve on one more socket, which from now on belongs to the server."""
        loop = asyncio.get_running_loop()
        environment = self._environment

        def session() -> Session:
            return Session(environment, service, loop)

        self._listeners.append(await loop.create_server(session, sock=listening, backlog=_BACKLOG))

    async def stop(self, grace: float) -> None:
        """Accept no more, end idle sessions with 421, wait for messages on their way, then end the rest.

        Takes at most `grace` seconds and the moment that ending takes.
        """
        environment = self._environment
        environment.stopping = True
        for listener in self._listeners:
            listener.close()
        for session in tuple(environment.sessions):
            session.shut_down()
        try:
            await asyncio.wait_for(environment.empty(), grace)
        except TimeoutError:
            for session in tuple(environment.sessions):
                session.abort()
            await environment.empty()


async def serve(
    listeners: Sequence[tuple[socket.socket, Service]],
    backend: Backend,
    certificates: Certificates | None,
    limits: Limits,
    *,
    hostname: str,
    trusted_proxies: Sequence[Network] = (),
) -> SmtpServer:
    """Start serving. `hostname` is what greetings and EHLO replies say.

    Peers in `trusted_proxies` have to begin with a PROXY header (proxy_protocol.py), those on this machine
    may; its addresses hold instead of theirs.

    Raises ValueError for a SUBMISSIONS listener without certificates.
    """
    if certificates is None and any(service is Service.SUBMISSIONS for _, service in listeners):
        raise ValueError("submissions needs a certificate")
    server = SmtpServer(Environment(backend, certificates, limits, hostname, trusted_proxies))
    for listening, service in listeners:
        await server.listen(listening, service)
    return server
