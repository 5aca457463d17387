"""Other servers relay to port 25: Postfix by DATA, Exim by BDAT."""

import pytest

from delivery.smtp.server.backend import Service
from tests.world.exim import Exim
from tests.world.postfix import Postfix, require_postfix
from tests.world.smtp_dialogue import Dialogue
from tests.world.smtp_server import MailServer
from tests.world.waiting import wait_until
from tests.world.world import World

pytestmark = [pytest.mark.external, pytest.mark.only_database("sqlite")]

CAROL = "carol@remote.example"
HEADER = (
    b"From: carol@remote.example\r\nTo: bob@example.org\r\nSubject: hi\r\n"
    b"Date: Tue, 01 Jul 2025 12:00:00 +0000\r\nMessage-ID: <1@remote.example>\r\n\r\n"
)
BODY = b".\r\n..\r\n.dot\r\n\r\n.\r\n" + "größe\r\n".encode() + (b"0123456789" * 7 + b"\r\n.\r\n") * 20_000


def check_arrived(world: World) -> None:
    """bob's one message is as it was sent."""
    wait_until(lambda: len(world.messages(world.bob)) == 1, "a message for bob")
    kept = world.message_bytes(world.messages(world.bob)[0])
    assert b"from mx.remote.example" in kept
    assert b"with ESMTPS" in kept
    assert kept.endswith(b"\r\n\r\n" + BODY)


def test_postfix(world: World, server: MailServer) -> None:
    require_postfix()
    world.bob  # noqa: B018
    server.settle()
    settings = {
        "virtual_mailbox_domains": "",
        "mynetworks": "127.0.0.0/8",
        "smtpd_relay_restrictions": "permit_mynetworks,reject",
        "default_transport": f"smtp:[127.0.0.1]:{server.ports[Service.SMTP]}",
        "smtp_tls_security_level": "may",
    }
    with Postfix(settings=settings) as postfix:
        with Dialogue(postfix.smtp_port) as client:
            client.expect("250", "EHLO client.example")
            assert client.deliver(HEADER + BODY, CAROL, "bob@example.org").startswith("250")
        check_arrived(world)


def test_exim_in_chunks(world: World, server: MailServer) -> None:
    world.bob  # noqa: B018
    server.settle()
    with Exim(server.ports[Service.SMTP]) as exim:
        exim.send((HEADER + BODY).replace(b"\r\n", b"\n"), CAROL, "bob@example.org")
        assert " K " in exim.log, exim.log  # how Exim notes BDAT
    check_arrived(world)


def test_exim_learns_that_an_address_does_not_exist(world: World, server: MailServer) -> None:
    world.bob  # noqa: B018
    server.settle()
    with Exim(server.ports[Service.SMTP]) as exim:
        exim.send(HEADER.replace(b"\r\n", b"\n"), CAROL, "nobody@example.org")
        assert "550 5.1.1" in exim.log, exim.log
