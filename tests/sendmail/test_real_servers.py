"""sendmail with our own submission port and with a real Postfix."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.models import QueuedRecipient
from delivery.smtp.server.backend import Service
from tests.sendmail.calling import LETTER, Sendmail
from tests.world.authority import Authority
from tests.world.postfix import Postfix, require_postfix
from tests.world.smtp_server import MailServer
from tests.world.world import PASSWORD, World

CRON = b"From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@host> backup\n\nschon fertig\n"


@pytest.fixture
def server(world: World, tmp_path: Path) -> Iterator[MailServer]:
    made = MailServer(world, tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.mark.only_database("sqlite")
@pytest.mark.parametrize("service", [Service.SUBMISSION, Service.SUBMISSIONS])
def test_cron_reaches_a_mailbox_and_the_queue_of_our_own_server(
    server: MailServer, world: World, sendmail: Sendmail, service: Service
) -> None:
    world.alice, world.bob  # noqa: B018
    server.settle()
    sendmail.configure(
        server.ports[service],
        f'tls = "{"immediate" if service is Service.SUBMISSIONS else "starttls"}"',
        f'ca_file = "{server.ca_file}"',
        'username = "alice"',
        f'password = "{PASSWORD}"',
        'from = "alice@example.org"',
        'default_destination = "bob@example.org"',
    )
    done = sendmail("-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root", "carol@remote.example", message=CRON)
    assert (done.returncode, done.stderr) == (0, b"")
    (stored,) = world.messages(world.bob)
    assert b"From: CronDaemon <alice@example.org>\r\n" in world.message_bytes(stored)
    assert QueuedRecipient.objects.filter(domain="remote.example", localpart="carol").count() == 1


@pytest.mark.external
def test_postfix_takes_it_after_a_login(sendmail: Sendmail, tmp_path: Path) -> None:
    require_postfix(login=True)
    authority = Authority(tmp_path)
    certificate = authority.files("localhost")
    with Postfix(certificate=certificate, logins={"me": "geheim = 1,2"}) as postfix:
        sendmail.configure(
            postfix.submission_port,
            'tls = "starttls"',
            f'ca_file = "{authority.ca_file}"',
            'username = "me@postfix.test"',
            'password = "geheim = 1,2"',
        )
        done = sendmail("-f", "alice@example.org", "carol@remote.example", message=LETTER)
        assert (done.returncode, done.stderr) == (0, b"")
        (message,) = postfix.messages(1)
    assert message.endswith(LETTER.partition(b"\n\n")[2])
