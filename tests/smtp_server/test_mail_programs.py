"""Programs that other people wrote submit mail."""

import asyncio
import shutil
import smtplib
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.smtp.server.backend import Service
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.listener import serve
from tests.smtp_server.memory import MemoryBackend
from tests.smtp_server.raw import CERTIFICATE, listening_socket

MESSAGE = "From: alice@example.org\r\nTo: bob@example.org\r\nSubject: hi\r\n\r\n.dot\r\nend\r\n"
SERVICES = [Service.SUBMISSION, Service.SUBMISSIONS]


class Server(threading.Thread):
    """A server for submission and submissions on its own thread."""

    def __init__(self) -> None:
        super().__init__()
        self.sockets = {service: listening_socket() for service in SERVICES}
        self.ports = {service: str(socket.getsockname()[1]) for service, socket in self.sockets.items()}
        self._ready = threading.Event()

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self.backend = MemoryBackend()
        self._loop = asyncio.get_running_loop()
        self._finish = asyncio.Event()
        listeners = [(socket, service) for service, socket in self.sockets.items()]
        server = await serve(listeners, self.backend, CERTIFICATE, Limits(), hostname="localhost")
        self._ready.set()
        await self._finish.wait()
        await server.stop(1)

    def __enter__(self) -> "Server":
        self.start()
        self._ready.wait()
        return self

    def __exit__(self, *exception: object) -> None:
        self._loop.call_soon_threadsafe(self._finish.set)
        self.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def run_program(name: str, *arguments: str, message: str = MESSAGE) -> None:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run([path, *arguments], input=message.encode(), capture_output=True, timeout=60)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


def check_arrived(server: Server) -> None:
    (spool,) = server.backend.accepted
    transaction = spool.transaction
    assert transaction.session.identity is not None
    assert transaction.session.identity.username == "alice"
    assert str(transaction.sender) == "alice@example.org"
    assert list(map(str, transaction.recipients)) == ["bob@example.org"]
    assert transaction.protocol == "ESMTPSA"
    assert spool.content.endswith(b"\r\n\r\n.dot\r\nend\r\n")


@pytest.mark.parametrize("service", SERVICES)
def test_smtplib(server: Server, service: Service) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    port = int(server.ports[service])
    client: smtplib.SMTP
    if service is Service.SUBMISSIONS:
        client = smtplib.SMTP_SSL("127.0.0.1", port, context=context)
    else:
        client = smtplib.SMTP("127.0.0.1", port)
        client.starttls(context=context)
    with client:
        client.login("alice", "open sesame")
        client.sendmail("alice@example.org", ["bob@example.org"], MESSAGE)
    check_arrived(server)


@pytest.mark.external
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("service", SERVICES)
def test_swaks(server: Server, service: Service, mechanism: str) -> None:
    tls = "--tls-on-connect" if service is Service.SUBMISSIONS else "--tls"
    run_program(
        "swaks",
        *("--server", f"127.0.0.1:{server.ports[service]}", tls, "--auth", mechanism, "--auth-user", "alice"),
        *("--auth-password", "open sesame", "--from", "alice@example.org", "--to", "bob@example.org"),
        *("--data", "-", "--silent", "2"),
        message=MESSAGE.removesuffix("\r\n"),  # it adds one
    )
    check_arrived(server)


@pytest.mark.external
@pytest.mark.parametrize("service", SERVICES)
def test_curl(server: Server, service: Service) -> None:
    scheme = "smtps" if service is Service.SUBMISSIONS else "smtp"
    run_program(
        "curl",
        *("--silent", "--show-error", f"{scheme}://127.0.0.1:{server.ports[service]}/client.example"),
        *("--ssl-reqd", "--insecure", "--user", "alice:open sesame", "--upload-file", "-"),
        *("--mail-from", "alice@example.org", "--mail-rcpt", "bob@example.org"),
    )
    check_arrived(server)


@pytest.mark.external
@pytest.mark.parametrize("service", SERVICES)
def test_msmtp(server: Server, service: Service, tmp_path: Path) -> None:
    run_program(
        "msmtp",
        *("--host=127.0.0.1", f"--port={server.ports[service]}", "--tls=on", "--tls-certcheck=off"),
        f"--tls-starttls={'off' if service is Service.SUBMISSIONS else 'on'}",
        *("--auth=plain", "--user=alice", "--passwordeval=echo open sesame"),
        *("--from=alice@example.org", "bob@example.org"),
    )
    check_arrived(server)
