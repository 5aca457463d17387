"""What is put before a message that came in on port 25, and what is taken out of it."""

import re

import pytest

from tests.world.letters import letter
from tests.world.smtp_server import MailServer
from tests.world.world import World

CAROL = "carol@remote.example"


def arrived(world: World, server: MailServer, raw: bytes, *recipients: str) -> bytes:
    """What alice reads of a message from carol."""
    world.alice, world.bob  # noqa: B018
    with server.connect() as client:
        assert client.deliver(raw, CAROL, *(recipients or ("alice@example.org",))).startswith("250")
    (message,) = world.messages(world.alice)
    return world.message_bytes(message)


def test_return_path_delivered_to_and_received_stand_before_the_message(
    world: World, server: MailServer
) -> None:
    kept = arrived(world, server, letter())
    assert re.fullmatch(
        rb"Return-Path: <carol@remote\.example>\r\n"
        rb"Delivered-To: alice@example\.org\r\n"
        rb"Authentication-Results: mail\.example\.org;\r\n"
        rb"\tiprev=permerror policy\.iprev=127\.0\.0\.1;\r\n"
        rb"\tspf=none smtp\.helo=client\.example;\r\n"
        rb"\tspf=none smtp\.mailfrom=remote\.example;\r\n"
        rb"\tdkim=none;\r\n"
        rb"\tdmarc=none header\.from=remote\.example\r\n"
        rb"Received-SPF: none\r\n"
        rb"\t\(mail\.example\.org: domain of remote\.example does not designate permitted senders\)\r\n"
        rb"\tclient-ip=127\.0\.0\.1;\r\n"
        rb"\tenvelope-from=\"carol@remote\.example\";\r\n"
        rb"\thelo=client\.example;\r\n"
        rb"\tidentity=mailfrom;\r\n"
        rb"\treceiver=mail\.example\.org\r\n"
        rb"Received: from client\.example \(\[127\.0\.0\.1\]\)\r\n"
        rb"\tby mail\.example\.org with ESMTP\r\n"
        rb"\tid [a-z0-9]{10}\.1\r\n"
        rb"\tfor <alice@example\.org>;\r\n"
        rb"\t\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n" + re.escape(letter()),
        kept,
    )


def test_received_names_the_id_that_the_client_was_told(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.connect() as client:
        answers = [client.deliver(letter(), CAROL, "alice@example.org") for _ in range(2)]
    for answer, message in zip(answers, world.messages(world.alice), strict=True):
        identifier = answer.rpartition(" ")[2].encode()
        assert b"\tid " + identifier + b"\r\n" in world.message_bytes(message)


def test_with_several_recipients_received_names_none(world: World, server: MailServer) -> None:
    kept = arrived(world, server, letter(), "alice@example.org", "bob@example.org")
    assert b"bob@example.org" not in kept
    assert b"\tfor " not in kept


def test_received_tells_of_tls(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.connect() as client:
        client.start_tls(server.tls)
        assert client.deliver(letter(), CAROL, "alice@example.org").startswith("250")
    (message,) = world.messages(world.alice)
    assert b" with ESMTPS (TLSv1.3 TLS_" in world.message_bytes(message)


def test_an_international_address_stays_readable(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.connect() as client:
        answer = client.deliver(letter(), "jörg@remote.example", "alice@example.org", parameters=" SMTPUTF8")
        assert answer.startswith("250")
    (message,) = world.messages(world.alice)
    assert world.message_bytes(message).startswith("Return-Path: <jörg@remote.example>\r\n".encode())
    assert message.envelope_sender == "jörg@remote.example"


@pytest.mark.parametrize(
    "forged",
    [
        b"Return-Path: <mallory@other.example>\r\n",
        b"RETURN-PATH :\r\n <mallory@other.example>\r\n",
        b"Authentication-Results: mail.example.org; spf=pass\r\n",
        b"Authentication-Results: (us) Mail.Example.ORG 1;\r\n\tdkim=pass\r\n",
    ],
)
def test_what_only_we_may_say_is_taken_out(world: World, server: MailServer, forged: bytes) -> None:
    assert arrived(world, server, forged + letter()).endswith(b"+0000\r\n" + letter())


@pytest.mark.parametrize(
    "field",
    [
        b"Authentication-Results: mx.other.example; spf=pass\r\n",
        b"Bcc: somebody@remote.example\r\n",
        b"Delivered-To: list@remote.example\r\n",
        b"X-Odd  :   spaces\t\r\n\tand folds\r\n",
        b"no field at all\r\n",
    ],
)
def test_all_other_fields_stay_as_they_are(world: World, server: MailServer, field: bytes) -> None:
    raw = letter().replace(b"\r\n\r\n", b"\r\n" + field + b"\r\n", 1)
    assert arrived(world, server, raw).endswith(raw)


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"only text\r\n", b"Subject: no author\r\n\r\n", b"\r\nbody\r\n"]
)
def test_a_message_without_an_author_is_refused(world: World, server: MailServer, raw: bytes) -> None:
    world.alice  # noqa: B018
    with server.connect() as client:
        assert client.deliver(raw, CAROL, "alice@example.org").startswith("550 5.7.1")
    assert world.messages(world.alice) == []


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\r\n\r\n"])
def test_odd_messages_are_kept_as_they_are(world: World, server: MailServer, end: bytes) -> None:
    raw = b"From: carol@remote.example\r\n" + end
    assert arrived(world, server, raw).endswith(b"+0000\r\n" + raw)


def test_a_message_that_goes_round_in_circles_is_refused(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.connect() as client:
        answer = client.deliver(b"Received: by loop\r\n" * 101 + letter(), CAROL, "alice@example.org")
        assert answer.startswith("554 5.4.6")
        answer = client.deliver(b"Received: by loop\r\n" * 100 + letter(), CAROL, "alice@example.org")
        assert answer.startswith("250")
    assert len(world.messages(world.alice)) == 1
