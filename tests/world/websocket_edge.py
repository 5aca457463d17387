"""An edge in a thread of the tests with one forward handler, for the host ws.example."""

import asyncio
import logging
import os
import re
import socket
import ssl
import threading
from concurrent.futures import Future
from pathlib import Path

from mail.process.eventloop import new_event_loop
from tests.world.forwarding import PROXIES, Forwarding, backend_trust, forward_settings
from webserver.accesslog.lines import logfmt_line
from webserver.dispatch.compiled import Compiler
from webserver.dispatch.dispatcher import Dispatcher
from webserver.dispatch.system import SystemHandlers
from webserver.dispatch.trust import TrustedProxies
from webserver.edge.edge import Edge
from webserver.handlers.forward.serving.pools import Pools
from webserver.observer import Observer
from webserver.routing.values import Backend, Handler, WebSnapshot, web_snapshot
from webserver.telling import Telling
from webserver.websocket.listing import TUNNELS, encode
from webserver.websocket.open_tunnels import open_tunnels
from webserver.websocket.unwanted import end_unwanted
from webserver.websocket.upgrading import upgrade_websocket

_PAGES = Backend("pages", False, "localhost", 80, unix_socket="/nowhere")


class WebsocketEdge(logging.Handler):
    """`port` and `tls_port` are where it listens on loopback."""

    def __init__(self, certificate: ssl.SSLContext, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self._lines: list[str] = []
        self._forwarding = Forwarding("http://127.0.0.1:1")
        self._plain, self._secure = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
        self.port, self.tls_port = self._plain.getsockname()[1], self._secure.getsockname()[1]
        self._loop = new_event_loop()
        self._stopping: asyncio.Future[None] = self._loop.create_future()
        started: Future[None] = Future()
        serving = self._serve(certificate, started)
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(serving,))
        self._thread.start()
        started.result()
        self._log = logging.getLogger("webserver")
        self._log.addHandler(self)
        self._log.setLevel(logging.INFO)

    def use(self, forwarding: Forwarding) -> None:
        """Forward everything there from now on."""
        self._forwarding = forwarding
        for name in PROXIES:
            os.environ.pop(name, None)
        os.environ.update(dict(forwarding.environment))
        self.install(forwarding_snapshot(forwarding))

    def install(self, web: WebSnapshot) -> None:
        """Let this configuration hold from now on."""
        installed: Future[None] = Future()
        self._loop.call_soon_threadsafe(self._install, web, installed)
        installed.result()

    @property
    def log(self) -> str:
        """What was logged so far, with the access log."""
        return "\n".join(self._lines)

    @property
    def tunnels(self) -> int:
        """How many are open."""
        return len(open_tunnels)

    def stop(self) -> None:
        """End it."""
        self._log.removeHandler(self)
        self._loop.call_soon_threadsafe(self._stopping.set_result, None)
        self._thread.join()
        self._loop.close()

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.getMessage()} {getattr(record, 'fields', '')} {record.exc_text or ''}")

    async def _serve(self, certificate: ssl.SSLContext, started: "Future[None]") -> None:
        compiler = Compiler(_PAGES, upgrade_websocket, Pools(lambda: backend_trust(self._forwarding)))
        self._dispatcher = Dispatcher(compiler, _PAGES, SystemHandlers(), TrustedProxies(()))
        edge = Edge(self._dispatcher, observer=Observer(logfmt_line, self._lines.append))
        await edge.listen([self._plain])
        await edge.listen([self._secure], certificate)
        telling = Telling(self.folder, {TUNNELS: lambda _: encode(list(open_tunnels))})
        await telling.start()
        started.set_result(None)
        await self._stopping
        telling.close()
        await asyncio.gather(edge.stop(1), open_tunnels.end(1, "the server stops"))

    def _install(self, web: WebSnapshot, installed: "Future[None]") -> None:
        self._dispatcher.install(web)
        end_unwanted(open_tunnels, web)
        installed.set_result(None)


def forwarding_snapshot(forwarding: Forwarding) -> WebSnapshot:
    """A configuration of one handler."""
    handler = Handler(
        1,
        "sockets",
        "ws.example",
        re.compile("^/"),
        forward_settings(forwarding),
        dont_redirect_plain_http=True,
    )
    return web_snapshot({}, (handler,))
