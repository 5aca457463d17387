"""The pages process: daphne on sockets that are open already.

It answers on the unix socket in the run folder, where the edge processes reach it.
"""

import asyncio
import contextlib
import logging
import socket
from typing import Any

from daphne.server import Server, twisted_loop
from twisted.internet import defer, reactor, unix
from twisted.logger import STDLibLogObserver, globalLogPublisher

from mail.process.lifeline import report_ready
from mail.process.listening import Sockets
from moxsite.asgi import application
from moxsite.backpressure import SendsAsRead
from moxsite.request_bodies import ReadsAsTaken, with_bodies

log = logging.getLogger(__name__)
access_log = logging.getLogger("moxsite.web.access")

_twisted_log: Any = STDLibLogObserver("twisted")

FINISH_SECONDS = 3.0
"""How long requests may go on when the process stops; what goes on longer (event streams) is cut."""


class PagesServer(SendsAsRead, ReadsAsTaken, Server):  # type: ignore[misc]  # daphne has no types
    """daphne that listens on given sockets and lets requests finish when it stops."""

    def __init__(self, sockets: Sockets) -> None:
        super().__init__(
            with_bodies(application),
            endpoints=["given sockets"],  # it refuses to start without any
            action_logger=_log_access,
            ready_callable=self._listen,
            server_name="",
        )
        self.endpoints: list[str] = []
        self._sockets = sockets
        self._ports: list[Any] = []

    def _listen(self) -> None:
        """Called by daphne when its factory is made and before its loop runs."""
        globalLogPublisher.addObserver(_twisted_log)
        for group in self._sockets.values():
            self._ports += [_adopt(listener, self.http_factory) for listener in group]
        twisted_loop.call_soon(report_ready)

    def kill_all_applications(self) -> defer.Deferred[None]:
        """Before the loop ends: take no more requests, and end those that there are."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._finish(), loop=twisted_loop))

    async def _finish(self) -> None:
        for port in self._ports:
            port.stopListening()
        running = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details
        ]
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=FINISH_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def serve_pages(sockets: Sockets) -> None:
    """Answer on these sockets until SIGTERM."""
    with contextlib.suppress(KeyboardInterrupt):
        PagesServer(sockets).run()


def _adopt(listener: socket.socket, factory: Any) -> Any:
    """Twisted's port for a listening socket. It gets a descriptor of its own."""
    with listener:
        if listener.family != socket.AF_UNIX:
            adopting: Any = reactor
            return adopting.adoptStreamPort(listener.fileno(), listener.family, factory)
        # The socket is the supervisor's. By its real name, Twisted would open it to everybody and remove it
        # when it stops; names that begin with NUL are no files. A shutdown would end it for all processes.
        port: Any = unix.Port(b"\0pages", factory, reactor=reactor)
        port._preexistingSocket = listener.dup()
        port._shouldShutdown = False
        port.startListening()
        return port


def _log_access(protocol: str, action: str, details: dict[str, Any]) -> None:
    names = ("client", "method", "path", "status", "size")
    fields: dict[str, Any] = {name: details[name] for name in names if name in details}
    if "time_taken" in details:
        fields["seconds"] = round(details["time_taken"], 4)
    access_log.debug(f"{protocol} {action}", extra={"fields": fields})
