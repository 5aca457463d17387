"""The pages process: daphne on sockets that are open already.

It answers on the http and https ports until edge processes stand in front, and on the unix socket in the
run folder, where they will reach it.
"""

import asyncio
import contextlib
import logging
import signal
import socket
from pathlib import Path
from types import FrameType
from typing import Any

from daphne.server import Server, twisted_loop
from OpenSSL import SSL
from twisted.internet import defer, reactor, unix
from twisted.internet.interfaces import IOpenSSLContextFactory
from twisted.logger import STDLibLogObserver, globalLogPublisher
from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import implementer  # type: ignore[import-untyped]

from mail.process.lifeline import report_ready
from mail.process.listening import Sockets
from moxsite.asgi import application

log = logging.getLogger(__name__)
access_log = logging.getLogger("moxsite.web.access")

_twisted_log: Any = STDLibLogObserver("twisted")

FINISH_SECONDS = 3.0
"""How long requests may go on when the process stops; what goes on longer (event streams) is cut."""


class UnusableCertificate(Exception):
    """Certificate or key can't be read or don't belong together. The text names the files."""


@implementer(IOpenSSLContextFactory)
class ReloadableCertificate:
    """Twisted asks for `getContext` on every connection, so a new context is for new connections only."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate = certificate
        self._key = key
        self._context = self._read()

    def getContext(self) -> SSL.Context:  # noqa: N802 - Twisted's name
        """The context with the certificate read last."""
        return self._context

    def reload(self) -> None:
        """Read the files again; if they can't be used, say so and keep what there is."""
        try:
            self._context = self._read()
        except UnusableCertificate as error:
            log.error("certificate not reloaded", extra={"fields": {"reason": str(error)}})
        else:
            log.info("certificate reloaded", extra={"fields": {"file": str(self._certificate)}})

    def _read(self) -> SSL.Context:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        try:
            context.use_certificate_chain_file(str(self._certificate))
            context.use_privatekey_file(str(self._key))
            context.check_privatekey()
        except SSL.Error as error:
            raise UnusableCertificate(
                f"The certificate {self._certificate} and the key {self._key} can't be used: {error}. "
                "They must be readable for this user, in PEM form, and belong together."
            ) from error
        return context


class PagesServer(Server):  # type: ignore[misc]  # daphne has no types
    """daphne that listens on given sockets and lets requests finish when it stops."""

    def __init__(self, sockets: Sockets, certificate: ReloadableCertificate | None) -> None:
        super().__init__(
            application,
            endpoints=["given sockets"],  # it refuses to start without any
            action_logger=_log_access,
            ready_callable=self._listen,
            server_name="",
        )
        self.endpoints: list[str] = []
        self._sockets = sockets
        self._certificate = certificate
        self._ports: list[Any] = []

    def _listen(self) -> None:
        """Called by daphne when its factory is made and before its loop runs."""
        globalLogPublisher.addObserver(_twisted_log)
        for service, group in self._sockets.items():
            factory: Any = self.http_factory
            if service == "https" and group:
                certificate: Any = self._certificate
                factory = TLSMemoryBIOFactory(certificate, False, factory)
            self._ports += [_adopt(listener, factory) for listener in group]
        signal.signal(signal.SIGHUP, self._reload)
        twisted_loop.call_soon(report_ready)

    def _reload(self, number: int, frame: FrameType | None) -> None:
        if self._certificate is not None:
            calling: Any = reactor
            calling.callFromThread(self._certificate.reload)

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


def serve_pages(sockets: Sockets, certificate: Path, key: Path) -> None:
    """Answer on these sockets until SIGTERM. SIGHUP reads the certificate again.

    Raises UnusableCertificate.
    """
    loaded = ReloadableCertificate(certificate, key) if sockets.get("https") else None
    with contextlib.suppress(KeyboardInterrupt):
        PagesServer(sockets, loaded).run()


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
    access_log.info(f"{protocol} {action}", extra={"fields": fields})
