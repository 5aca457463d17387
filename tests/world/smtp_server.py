"""The SMTP server on random loopback ports, on a thread of its own, with the world's database behind it."""

import asyncio
import socket
import ssl
import threading
from pathlib import Path

from delivery.reception.backend import ReceptionBackend
from delivery.smtp.server.backend import Service
from delivery.smtp.server.environment import Network
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.listener import serve
from mail.configuration.snapshots import Snapshots
from mail.tls.certificates import ServerCertificates
from tests.world.authority import Authority
from tests.world.dns import FakeDns
from tests.world.smtp_dialogue import PATIENCE, Dialogue
from tests.world.world import PASSWORD, World

HOSTNAME = "mail.example.org"


class MailServer:
    """`ports` tells where each service is; clients trust `tls`. Senders are looked up in `dns`.

    With `trusted_proxies` set before the start, clients come from wherever their PROXY header says.
    """

    trusted_proxies: tuple[Network, ...] = ()

    def __init__(self, world: World, folder: Path, limits: Limits | None = None) -> None:
        self.world = world
        self.run_folder = folder / "run"
        authority = Authority(folder)
        self.ca_file = authority.ca_file
        self.tls = ssl.create_default_context(cafile=str(authority.ca_file))
        self.dns = FakeDns()
        self._certificates = ServerCertificates.load(*authority.files("localhost"))
        self._limits = limits or Limits()
        self._sockets = {service: _listening_socket() for service in Service}
        self.ports: dict[Service, int] = {
            service: listening.getsockname()[1] for service, listening in self._sockets.items()
        }
        self._snapshots = Snapshots()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="mail-server")

    def start(self) -> None:
        """Return when the ports answer."""
        self.dns.__enter__()
        self._snapshots.refresh_now()
        self._thread.start()
        assert self._ready.wait(PATIENCE)

    def stop(self) -> None:
        """End all sessions."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self._snapshots.stop()
        self.dns.close()

    def settle(self) -> None:
        """Let the server know the configuration as it is now."""
        self._snapshots.refresh_now()

    def connect(self, service: Service = Service.SMTP, *, opening: bytes = b"") -> Dialogue:
        """A session after EHLO. The server knows the configuration as it is now."""
        self.settle()
        tls = self.tls if service is Service.SUBMISSIONS else None
        dialogue = Dialogue(self.ports[service], tls=tls, opening=opening)
        dialogue.expect("250", "EHLO client.example")
        return dialogue

    def submit(self, username: str = "alice", service: Service = Service.SUBMISSION) -> Dialogue:
        """A session under TLS, logged in."""
        dialogue = self.connect(service)
        if service is Service.SUBMISSION:
            dialogue.start_tls(self.tls)
        answer = dialogue.log_in(username, PASSWORD)
        assert answer.startswith("235"), answer
        return dialogue

    def wait_until_idle(self) -> None:
        """Return when no client is connected any more."""
        asyncio.run_coroutine_threadsafe(self._all_gone(), self._loop).result(PATIENCE)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        backend = ReceptionBackend(
            self._snapshots, hostname=HOSTNAME, run_folder=self.run_folder, nameserver=self.dns.address
        )
        listeners = [(listening, service) for service, listening in self._sockets.items()]
        self._server = await serve(
            listeners,
            backend,
            self._certificates,
            self._limits,
            hostname=HOSTNAME,
            trusted_proxies=self.trusted_proxies,
        )
        self._ready.set()
        await self._stopping.wait()
        await self._server.stop(1)
        backend.close()

    async def _all_gone(self) -> None:
        while self._server.connections:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0)


def _listening_socket() -> socket.socket:
    listening = socket.create_server(("127.0.0.1", 0), backlog=200)
    listening.setblocking(False)
    return listening
