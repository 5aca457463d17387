"""Whatever goes wrong on the way in ends in the right code, and the sweeper finds all that was stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from delivery.models import QueuedMessage
from delivery.smtp.server.limits import Limits
from mail import clock
from mail.models import Chunk, Content, Message
from mail.store.sweep import sweep
from mail.store.writer import stop_writer
from tests.world.letters import letter
from tests.world.smtp_server import MailServer
from tests.world.world import World

CAROL = "carol@remote.example"
LINE = b"0123456789abcde\r\n"
LARGE = letter() + LINE * 60_000


@pytest.fixture
def server(world: World, tmp_path: Path) -> Iterator[MailServer]:
    """A server that takes two megabytes and not more."""
    made = MailServer(world, tmp_path, Limits(message_size=2_000_000))
    world.alice  # noqa: B018
    made.start()
    try:
        yield made
    finally:
        made.stop()


def assert_nothing_is_left(world: World, server: MailServer) -> None:
    server.wait_until_idle()
    assert not Message.objects.exists()
    assert not QueuedMessage.objects.exists()
    stop_writer()
    clock.advance(2 * clock.HOUR)
    sweep(world.writer)
    assert Content.objects.count() == Chunk.objects.count() == 0


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"Subject: x\r\n\r\nbare\nline feed\r\n", "550 5.6.0"),
        (LARGE + b"bare\nline feed\r\n", "550 5.6.0"),
        (letter() + LINE * 150_000, "552 5.3.4"),
        (b"".join(b"X-%d: y\r\n" % number for number in range(10_001)) + b"\r\n", "552 5.3.4"),
        (b"Subject: x\r\n" + b" y\r\n" * 70_000 + b"\r\nz\r\n", "552 5.3.4"),
        (b"Subject: " + b"x" * 1_000_000 + b"\r\n", "552 5.3.4"),
    ],
    ids=["bare LF", "bare LF late", "too large", "too many fields", "header too large", "only header"],
)
def test_a_refused_message(world: World, server: MailServer, raw: bytes, code: str) -> None:
    with server.connect() as client:
        assert client.deliver(raw, CAROL, "alice@example.org").startswith(code)
        client.expect("250", "NOOP")
    assert_nothing_is_left(world, server)


@pytest.mark.parametrize("size", [0, 10, 1000, 400_000, 900_000])
def test_half_a_message(world: World, server: MailServer, size: int) -> None:
    client = server.connect()
    client.begin(CAROL, "alice@example.org")
    client.expect("354", "DATA")
    client.send(LARGE[:size])
    client.close()
    assert_nothing_is_left(world, server)


def test_garbage_instead_of_commands(world: World, server: MailServer) -> None:
    with server.connect() as client:
        for line in (
            b"\x16\x03\x01\x02\x00\r\n",
            b"HELLO / SMTP/1.1\r\n",
            b"\xff\xfe\r\n",
            b"\r\n",
            b"MAIL\n",
        ):
            client.send(line)
            assert client.reply().startswith("50")
        client.expect("501", "MAIL FROM:<carol@@remote.example>")
        client.expect("503", "DATA")
    assert_nothing_is_left(world, server)


def test_a_database_that_can_not_store_is_a_temporary_refusal(world: World, server: MailServer) -> None:
    with server.connect() as client:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE mail_chunk RENAME TO away")
        for raw in (letter(), LARGE):
            answer = client.deliver(raw, CAROL, "alice@example.org")
            assert answer == "451 4.3.0 the message can't be stored at the moment, try again later"
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO mail_chunk")
    assert_nothing_is_left(world, server)
    with server.connect() as client:
        assert client.deliver(letter(), CAROL, "alice@example.org").startswith("250")


def test_a_server_that_stops_writing_is_a_temporary_refusal(world: World, server: MailServer) -> None:
    with server.connect() as client:
        client.begin(CAROL, "alice@example.org")
        client.expect("354", "DATA")
        stop_writer()
        client.send(letter() + b".\r\n")
        assert client.reply().startswith("451 4.3.2")
    assert_nothing_is_left(world, server)


def test_a_full_mailbox_is_a_temporary_refusal(world: World, server: MailServer) -> None:
    world.alice.quota_mb = 1
    world.alice.save()
    with server.connect() as client:
        answer = client.deliver(letter() + LINE * 70_000, CAROL, "alice@example.org")
        assert answer == "452 4.2.2 the mailbox is full, try again later"
    assert_nothing_is_left(world, server)
