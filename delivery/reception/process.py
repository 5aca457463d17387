"""The process that takes mail in, from its sockets to its clean end."""

import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.db import connection

from delivery.reception.backend import ReceptionBackend
from delivery.smtp.server.backend import Service
from delivery.smtp.server.environment import Network
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.listener import SmtpServer, serve
from mail.configuration.served_certificates import ServedCertificates
from mail.configuration.snapshots import Snapshots
from mail.guard.guard import stop_guard
from mail.process.collector import calm_collector
from mail.process.eventloop import new_event_loop
from mail.process.lifeline import report_ready
from mail.process.listening import Sockets
from mail.store.readers import stop_readers
from mail.store.writer import stop_writer
from mail.tls.certificates import ServerCertificates

log = logging.getLogger(__name__)

SERVICES: Final = tuple(str(service) for service in Service)
"""The names of the sockets that the process serves."""

STOP_SECONDS: Final = 8.0
"""How long messages on their way may take when the process stops; its supervisor kills after ten."""

SWITCH_SECONDS: Final = 0.02
"""After which a thread makes another one let go of the interpreter, if that has not done so by itself.

The loop and the writer let go many times a millisecond. To be forced to in the midst of a message, as with
Python's own 5 ms, costs a tenth of the processor time.
"""


def receive_mail(
    sockets: Sockets,
    snapshots: Snapshots,
    certificates: ServerCertificates | ServedCertificates,
    *,
    hostname: str,
    run_folder: Path,
    limits: Limits | None = None,
    nameserver: tuple[str, int] | None = None,
    trusted_proxies: Sequence[Network] = (),
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is on its way. SIGHUP reads the certificate again.

    Raises mail.configuration.snapshot.InvalidConfiguration when there is no usable configuration.
    """
    snapshots.start()
    connection.close()  # it served the first snapshot; from here on threads have their own
    backend = ReceptionBackend(snapshots, hostname=hostname, run_folder=run_folder, nameserver=nameserver)
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(
                _serve(
                    sockets,
                    backend,
                    certificates,
                    limits or Limits(),
                    hostname=hostname,
                    trusted_proxies=trusted_proxies,
                )
            )
    finally:
        backend.close()
        stop_guard()
        stop_writer()
        snapshots.stop()
        stop_readers()


async def _serve(
    sockets: Sockets,
    backend: ReceptionBackend,
    certificates: ServerCertificates | ServedCertificates,
    limits: Limits,
    *,
    hostname: str,
    trusted_proxies: Sequence[Network],
) -> None:
    listeners = [(listener, Service(name)) for name, group in sockets.items() for listener in group]
    server = await serve(
        listeners, backend, certificates, limits, hostname=hostname, trusted_proxies=trusted_proxies
    )
    stopping = _watch_signals(certificates)
    calm_collector()
    sys.setswitchinterval(SWITCH_SECONDS)
    report_ready()
    log.info("receiving mail", extra={"fields": {"sockets": len(listeners)}})
    await stopping.wait()
    await _stop(server)


async def _stop(server: SmtpServer) -> None:
    log.info("stopping", extra={"fields": {"connections": server.connections}})
    await server.stop(STOP_SECONDS)


def _watch_signals(certificates: ServerCertificates | ServedCertificates) -> asyncio.Event:
    """The event of being told to stop."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, certificates.reload_if_changed))
    return stopping
