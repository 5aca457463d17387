"""The process itself: readiness, a new certificate, the configuration, its end."""

import signal
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.smtp.server.backend import Service
from mail import clock
from mail.models import Destination
from mail.tls.certificates import write_certificate
from tests.program.running import manage
from tests.world.letters import letter
from tests.world.smtp_dialogue import PATIENCE, ConnectionEnded
from tests.world.smtp_process import MailProcess
from tests.world.world import World

CAROL = "carol@remote.example"

pytestmark = pytest.mark.only_database("sqlite")


@pytest.fixture
def mail(world: World, tmp_path: Path) -> Iterator[MailProcess]:
    world.alice  # noqa: B018
    with MailProcess(world, tmp_path) as process:
        process.start()
        yield process


def certificate_of(mail: MailProcess) -> str:
    return ssl.get_server_certificate(("127.0.0.1", mail.ports[Service.SUBMISSIONS]))


def test_it_ends_cleanly_when_told_to(mail: MailProcess) -> None:
    client = mail.connect()
    assert mail.stop() == 0
    assert client.reply().startswith("421 4.3.2")
    with pytest.raises(ConnectionEnded):
        client.reply()
    client.close()
    assert "Traceback" not in mail.log


def test_a_message_on_its_way_is_finished_first(world: World, mail: MailProcess) -> None:
    with mail.connect() as client:
        client.begin(CAROL, "alice@example.org")
        client.expect("354", "DATA")
        assert mail.process is not None
        mail.process.send_signal(signal.SIGTERM)
        wait_until_stopping(mail)
        client.send(letter() + b".\r\n")
        assert client.reply().startswith("250")
        assert client.reply().startswith("421")
    assert mail.process.wait(PATIENCE) == 0
    assert len(world.messages(world.alice)) == 1


def test_hangup_takes_a_new_certificate_and_keeps_connections(mail: MailProcess) -> None:
    first = certificate_of(mail)
    with mail.connect(Service.SUBMISSIONS) as client:
        write_certificate(*mail.certificate_files, ["new.example"])
        assert mail.process is not None
        mail.process.send_signal(signal.SIGHUP)
        deadline = clock.monotonic() + PATIENCE
        while certificate_of(mail) == first:
            assert clock.monotonic() < deadline
        client.expect("250", "NOOP")


def test_a_changed_configuration_holds_within_a_second_or_so(world: World, mail: MailProcess) -> None:
    Destination.objects.create(
        account=world.alice, domain=world.example_org, localpart="new", canonical_localpart="new"
    )
    deadline = clock.monotonic() + PATIENCE
    accepted = False
    while not accepted:
        assert clock.monotonic() < deadline
        with mail.connect() as client:
            client.begin(CAROL)
            accepted = client.ask("RCPT TO:<new@example.org>").startswith("250")


def test_without_a_certificate_it_says_what_to_do(world: World, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    done = manage(["runsmtp"], world.child_environment(MOXSITE_DATA=str(data)))
    assert done.returncode == 1
    assert "manage.py prepare" in done.stderr
    assert "Traceback" not in done.stderr


def wait_until_stopping(mail: MailProcess) -> None:
    deadline = clock.monotonic() + PATIENCE
    while "msg=stopping" not in mail.log:
        assert clock.monotonic() < deadline, mail.log
