"""An edge process, from its sockets to its clean end."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import Error, connection

from mail.configuration.snapshot import Snapshot
from mail.configuration.snapshots import Snapshots
from mail.process.collector import calm_collector
from mail.process.descriptors import allow_descriptors
from mail.process.eventloop import new_event_loop
from mail.process.lifeline import report_ready
from mail.process.listening import Sockets
from mail.store.readers import stop_readers
from webserver.accesslog.lines import FORMATS
from webserver.accesslog.writer import LineWriter
from webserver.certificates import EdgeCertificates
from webserver.dispatch.compiled import Compiler
from webserver.dispatch.dispatcher import Dispatcher
from webserver.dispatch.system import system_handlers
from webserver.dispatch.trust import TrustedProxies
from webserver.edge.edge import Edge
from webserver.explain.rates import RATES
from webserver.gathering import Gathering
from webserver.handlers.forward.health import BACKENDS
from webserver.handlers.forward.health import encode as encode_backends
from webserver.in_use import GENERATION, InUse
from webserver.observer import Observer
from webserver.recent.observing import observe_recent
from webserver.routing.values import Backend, Network, WebSnapshot
from webserver.telling import Telling
from webserver.websocket.listing import TUNNELS, encode
from webserver.websocket.open_tunnels import open_tunnels
from webserver.websocket.unwanted import end_unwanted
from webserver.websocket.upgrading import upgrade_websocket

log = logging.getLogger(__name__)

CERTIFICATE_SECONDS: Final = 60.0
"""How often certificates in files are looked at."""

DESCRIPTORS: Final = 8_192
MOST_DESCRIPTORS: Final = 65_536
"""Files and connections of the process, as far as the system allows them; a tunnel needs two."""

STOP_SECONDS: Final = 5.0
"""How long requests may go on when the process stops."""


@dataclass(frozen=True, slots=True)
class EdgeSurroundings:
    """What an edge process is told about the installation."""

    pages_socket: Path
    notes: Path
    """The folder of what was asked for and answered lately (webserver.recent)."""
    trusted_proxies: Sequence[Network] = ()
    proxy_protocol: Sequence[str] = ()
    """The services, http and https, at which trusted proxies begin with a PROXY header."""
    log_format: str = "logfmt"
    """Of the access log: a key of webserver.accesslog.lines.FORMATS."""


def serve_edge(
    sockets: Sockets, snapshots: Snapshots, certificates: EdgeCertificates, surroundings: EdgeSurroundings
) -> None:
    """Serve until SIGTERM or SIGINT, then let requests finish. SIGHUP reads the certificate again.

    Raises mail.configuration.snapshot.InvalidConfiguration when there is no usable configuration.
    """
    allow_descriptors(DESCRIPTORS, at_most=MOST_DESCRIPTORS)
    snapshots.start()
    connection.close()  # it served the first snapshot; from here on threads have their own
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(sockets, snapshots, certificates, surroundings))
    finally:
        snapshots.stop()
        stop_readers()


async def _serve(
    sockets: Sockets, snapshots: Snapshots, certificates: EdgeCertificates, surroundings: EdgeSurroundings
) -> None:
    loop = asyncio.get_running_loop()
    pages = Backend("pages", False, "localhost", 80, unix_socket=str(surroundings.pages_socket))
    compiler = Compiler(pages, upgrade_websocket)
    lines = LineWriter(sys.stderr.fileno(), loop)
    trusted = TrustedProxies(surroundings.trusted_proxies)
    dispatcher = Dispatcher(
        compiler,
        pages,
        system_handlers(),
        trusted,
    )
    observer = Observer(FORMATS[surroundings.log_format], lines.write)
    gathering = Gathering(observe_recent(surroundings.notes, observer), loop)
    edge = Edge(dispatcher, observer=gathering)

    in_use = InUse(snapshots)

    def install(snapshot: Snapshot) -> None:
        web = snapshot.section(WebSnapshot)
        dispatcher.install(web)
        end_unwanted(open_tunnels, web)
        in_use.generation = snapshot.generation

    def configured(snapshot: Snapshot) -> None:
        certificates.configured(snapshot)
        loop.call_soon_threadsafe(install, snapshot)

    install(snapshots.current())
    await loop.run_in_executor(None, snapshots.on_change, configured)
    telling = Telling(
        surroundings.notes,
        {
            TUNNELS: lambda _: encode(list(open_tunnels)),
            BACKENDS: lambda _: encode_backends(compiler.checks.states()),
            RATES: dispatcher.told_rates,
            GENERATION: in_use.told,
        },
    )
    await telling.start()
    # Who changed the configuration before this process could be asked did not wait for it.
    await loop.run_in_executor(None, _look_again, snapshots)
    for service, tls in (("http", None), ("https", certificates.tls.listening)):
        proxies = trusted.trusts if service in surroundings.proxy_protocol else None
        await edge.listen(sockets.get(service, []), tls, proxies)
    stopping = _watch_signals(certificates)
    watching = loop.create_task(_watch_files(certificates))
    calm_collector()
    report_ready()
    log.info("serving the web", extra={"fields": {"sockets": sum(map(len, sockets.values()))}})
    await stopping.wait()
    watching.cancel()
    log.info("stopping", extra={"fields": {"connections": len(edge.connections)}})
    await asyncio.gather(edge.stop(STOP_SECONDS), open_tunnels.end(STOP_SECONDS, "the server stops"))
    telling.close()
    gathering.tell()
    lines.close()
    dispatcher.close()


def _look_again(snapshots: Snapshots) -> None:
    with contextlib.suppress(Error, OSError):  # its watcher will say so
        snapshots.refresh_now()
    connection.close()


async def _watch_files(certificates: EdgeCertificates) -> None:
    """Other programs renew certificates in files and need not tell us."""
    while True:
        await asyncio.sleep(CERTIFICATE_SECONDS)
        await asyncio.get_running_loop().run_in_executor(None, certificates.reload_if_changed)


def _watch_signals(certificates: EdgeCertificates) -> asyncio.Event:
    """The event of being told to stop."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, certificates.reload))
    return stopping
