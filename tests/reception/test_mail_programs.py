"""Programs that other people wrote submit mail, with STARTTLS and with TLS from the first byte."""

import shutil
import smtplib
import subprocess
from pathlib import Path

import pytest

from delivery.models import QueuedRecipient
from delivery.smtp.server.backend import Service
from tests.world.smtp_server import MailServer
from tests.world.world import PASSWORD, World

MESSAGE = (
    "From: Alice <alice@example.org>\r\nTo: bob@example.org, carol@remote.example\r\n"
    "Subject: hi\r\n\r\n.dot\r\nend\r\n"
)
RECIPIENTS = ["bob@example.org", "carol@remote.example"]
SERVICES = [Service.SUBMISSION, Service.SUBMISSIONS]

pytestmark = pytest.mark.only_database("sqlite")


def run_program(name: str, *arguments: str) -> None:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run([path, *arguments], input=MESSAGE.encode(), capture_output=True, timeout=60)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


def prepare(world: World, server: MailServer) -> None:
    world.alice, world.bob  # noqa: B018
    server.settle()


def check_arrived(world: World) -> None:
    (message,) = world.messages(world.bob)
    kept = world.message_bytes(message)
    assert b"with ESMTPSA" in kept
    assert b"Subject: hi\r\n\r\n.dot\r\nend\r\n" in kept
    states = QueuedRecipient.objects.order_by("domain").values_list("domain", "state")
    assert list(states) == [("example.org", "delivered"), ("remote.example", "waiting")]


@pytest.mark.parametrize("service", SERVICES)
def test_smtplib(world: World, server: MailServer, service: Service) -> None:
    prepare(world, server)
    port = server.ports[service]
    client: smtplib.SMTP
    if service is Service.SUBMISSIONS:
        client = smtplib.SMTP_SSL("localhost", port, context=server.tls)
    else:
        client = smtplib.SMTP("localhost", port)
        client.starttls(context=server.tls)
    with client:
        client.login("alice@example.org", PASSWORD)
        client.sendmail("alice@example.org", RECIPIENTS, MESSAGE)
    check_arrived(world)


@pytest.mark.external
@pytest.mark.parametrize("service", SERVICES)
def test_swaks(world: World, server: MailServer, service: Service) -> None:
    prepare(world, server)
    tls = "--tls-on-connect" if service is Service.SUBMISSIONS else "--tls"
    run_program(
        "swaks",
        *("--server", f"localhost:{server.ports[service]}", tls, "--tls-verify"),
        *("--tls-ca-path", str(server.ca_file), "--auth", "--auth-user", "alice@example.org"),
        *("--auth-password", PASSWORD, "--from", "alice@example.org", "--to", ",".join(RECIPIENTS)),
        *("--data", "-", "--silent", "2"),
    )
    check_arrived(world)


@pytest.mark.external
@pytest.mark.parametrize("service", SERVICES)
def test_curl(world: World, server: MailServer, service: Service) -> None:
    prepare(world, server)
    scheme = "smtps" if service is Service.SUBMISSIONS else "smtp"
    run_program(
        "curl",
        *("--silent", "--show-error", f"{scheme}://localhost:{server.ports[service]}/client.example"),
        *("--ssl-reqd", "--cacert", str(server.ca_file), "--user", f"alice:{PASSWORD}", "--upload-file", "-"),
        *("--mail-from", "alice@example.org"),
        *(word for recipient in RECIPIENTS for word in ("--mail-rcpt", recipient)),
    )
    check_arrived(world)


@pytest.mark.external
@pytest.mark.parametrize("service", SERVICES)
def test_msmtp(world: World, server: MailServer, service: Service, tmp_path: Path) -> None:
    prepare(world, server)
    run_program(
        "msmtp",
        *("--host=localhost", f"--port={server.ports[service]}", "--tls=on"),
        f"--tls-trust-file={server.ca_file}",
        f"--tls-starttls={'off' if service is Service.SUBMISSIONS else 'on'}",
        *("--auth=plain", "--user=alice", f"--passwordeval=echo {PASSWORD}"),
        *("--from=alice@example.org", *RECIPIENTS),
    )
    check_arrived(world)
