"""MAIL, RCPT and DATA in and out of order."""

import asyncio

import pytest

from delivery.smtp.server.backend import Service
from delivery.smtp.server.limits import Limits
from mail.addresses.address import Address
from tests.smtp_server.raw import running

MAIL = "MAIL FROM:<carol@remote.example>"
RCPT = "RCPT TO:<bob@example.org>"
EHLO = "EHLO client.example"


def last_reply(*lines: str, limits: Limits | None = None) -> str:
    async def run() -> str:
        async with running(limits=limits) as world:
            client = await world.connect()
            return await client.ask(*lines)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        ([MAIL], "503 5.5.1 say EHLO first"),
        ([RCPT], "503 5.5.1 say EHLO first"),
        (["DATA"], "503 5.5.1 say EHLO first"),
        ([EHLO, RCPT], "503 5.5.1 say MAIL first"),
        ([EHLO, "DATA"], "503 5.5.1 say MAIL first"),
        ([EHLO, MAIL, MAIL], "503 5.5.1 a message is in progress already"),
        ([EHLO, MAIL, "DATA"], "554 5.5.1 there are no valid recipients"),
        ([EHLO, MAIL, "RCPT TO:<nobody@example.org>", "DATA"], "554 5.5.1 there are no valid recipients"),
        ([EHLO, MAIL, RCPT, "DATA now"], "501 5.5.4 no argument is allowed here"),
        ([EHLO, MAIL, RCPT, "RSET", RCPT], "503 5.5.1 say MAIL first"),
        ([EHLO, MAIL, RCPT, EHLO, "DATA"], "503 5.5.1 say MAIL first"),
        ([EHLO, MAIL], "250 2.1.0 ok"),
        ([EHLO, MAIL, RCPT], "250 2.1.5 ok"),
        ([EHLO, "mail from:<carol@remote.example>", "rcpt to:<slow@example.org>  "], "250 2.1.5 ok"),
        ([EHLO, MAIL, "RCPT TO:<nobody@example.org>"], "550 5.1.1 no such address"),
        ([EHLO, MAIL, "RCPT TO:<Postmaster>"], "250 2.1.5 ok"),
        ([EHLO, MAIL, RCPT, "DATA"], "354 end with a line that is a single dot"),
        ([EHLO, "MAIL FROM:<>"], "250 2.1.0 ok"),
        ([EHLO, "MAIL FROM:<mallory@other.example>"], "550 5.7.1 not from you"),
        ([EHLO, "MAIL FROM:<mallory@other.example>", RCPT], "503 5.5.1 say MAIL first"),
        ([EHLO, "MAIL"], "501 5.5.4 FROM:<address> is missing"),
        ([EHLO, "MAIL TO:<a@b.example>"], "501 5.5.4 FROM:<address> is missing"),
        ([EHLO, "MAIL FROM:<carol@remote.example"], "501 5.1.7 the closing > of the address is missing"),
        ([EHLO, "MAIL FROM:<postmaster>"], "553 5.1.7 the sender's address needs a domain"),
        ([EHLO, MAIL, "RCPT TO:<>"], "501 5.1.3 a recipient needs an address"),
        ([EHLO, MAIL, RCPT + " NOTIFY=NEVER"], "555 5.5.4 parameter NOTIFY is not supported"),
        ([EHLO, MAIL + " SIZE=1000 body=8bitmime SMTPUTF8"], "250 2.1.0 ok"),
        ([EHLO, MAIL + " SIZE=2001"], "552 5.3.4 the message is larger than 2000 bytes"),
        ([EHLO, MAIL + " SIZE=99999999999999999999"], "552 5.3.4 the message is larger than 2000 bytes"),
        ([EHLO, MAIL + " SIZE=2000"], "250 2.1.0 ok"),
        ([EHLO, MAIL + " SIZE=-1"], "501 5.5.4 SIZE is a number of bytes"),
        ([EHLO, MAIL + " SIZE"], "501 5.5.4 SIZE is a number of bytes"),
        ([EHLO, MAIL + " BODY=BINARYMIME"], "555 5.6.1 BODY=BINARYMIME is not supported"),
        ([EHLO, MAIL + " SMTPUTF8=yes"], "501 5.5.4 SMTPUTF8 has no value"),
        ([EHLO, MAIL + " SIZE=1 SIZE=2"], "501 5.5.4 SIZE is given twice"),
        ([EHLO, MAIL + " ="], "501 5.5.4 parameters not understood"),
        ([EHLO, MAIL + " RET=HDRS"], "555 5.5.4 parameter RET is not supported"),
        (["HELO client.example", MAIL], "250 2.1.0 ok"),
        (["HELO client.example", MAIL + " SIZE=10"], "555 5.5.4 parameters need EHLO"),
        ([EHLO, "MAIL FROM:<zoë@remote.example>"], "553 5.6.7 this address needs SMTPUTF8"),
        ([EHLO, "MAIL FROM:<zoë@remote.example> SMTPUTF8"], "250 2.1.0 ok"),
        ([EHLO, MAIL, "RCPT TO:<zoë@example.org>"], "553 5.6.7 this address needs SMTPUTF8"),
        ([EHLO, MAIL + " SMTPUTF8", "RCPT TO:<zoë@example.org>"], "250 2.1.5 ok"),
    ],
)
def test_replies(lines: list[str], reply: str) -> None:
    assert last_reply(*lines, limits=Limits(message_size=2000)) == reply


def test_one_recipient_too_many_is_put_off() -> None:
    lines = [EHLO, MAIL, RCPT, RCPT, RCPT]
    assert last_reply(*lines, limits=Limits(recipients=2)) == "452 4.5.3 too many recipients"


def test_mail_without_sender_is_for_one_recipient_at_a_time() -> None:
    lines = [EHLO, "MAIL FROM:<>", "RCPT TO:<nobody@example.org>", RCPT]
    assert last_reply(*lines) == "250 2.1.5 ok"
    assert last_reply(*lines, RCPT) == "452 4.5.3 too many recipients"


def test_the_backend_learns_everything_the_client_declared() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(EHLO, f"{MAIL} SIZE=7 BODY=8BITMIME SMTPUTF8")
            await client.ask(RCPT, "RCPT TO:<nobody@example.org>", "RCPT TO:<postmaster>", "DATA")
            client.send(b"hello\r\n.\r\n")
            assert (await client.reply()).startswith("250 2.0.0 accepted, id ")
            transaction = world.backend.accepted[0].transaction
            assert transaction.sender == Address("carol", "remote.example")
            assert (transaction.size, transaction.eight_bit, transaction.smtputf8) == (7, True, True)
            assert transaction.recipients == [Address("bob", "example.org"), Address("postmaster", "")]
            session = transaction.session
            assert (session.service, session.ehlo_name) == (Service.SMTP, "client.example")
            assert (session.remote_address, session.local_address) == ("127.0.0.1", "127.0.0.1")
            assert session.local_port == world.port
            assert session.tls is None

    asyncio.run(run())


@pytest.mark.parametrize(
    ("hello", "tls", "login", "parameters", "word"),
    [
        ("HELO", False, False, "", "SMTP"),
        ("EHLO", False, False, "", "ESMTP"),
        ("EHLO", True, False, "", "ESMTPS"),
        ("EHLO", True, True, "", "ESMTPSA"),
        ("EHLO", False, False, " SMTPUTF8", "UTF8SMTP"),
        ("EHLO", True, True, " SMTPUTF8", "UTF8SMTPSA"),
    ],
)
def test_the_protocol_is_named_for_the_received_field(
    hello: str, tls: bool, login: bool, parameters: str, word: str
) -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION if login else Service.SMTP) as world:
            client = await world.connect()
            if tls:
                await client.secure()
            await client.ask(f"{hello} client.example")
            if login:
                assert (await client.log_in()).startswith("235")
            assert (await client.ask(MAIL + parameters, RCPT, "DATA")).startswith("354")
            client.send(b".\r\n")
            assert (await client.reply()).startswith("250")
            assert world.backend.accepted[0].transaction.protocol == word

    asyncio.run(run())


def test_the_null_sender_is_none() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(EHLO, "MAIL FROM:<>", RCPT, "DATA")
            client.send(b"hello\r\n.\r\n")
            assert (await client.reply()).startswith("250")
            assert world.backend.accepted[0].transaction.sender is None

    asyncio.run(run())


def test_every_transaction_that_is_not_committed_is_reset_once() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect(EHLO, MAIL, "RSET", MAIL, EHLO, MAIL, RCPT)
            await client.ask("DATA")
            client.send(b"\r\n.\r\n")
            await client.reply()
            await client.ask("RSET", MAIL, "QUIT")
            await world.backend.gone.wait()
            events = [event for event in world.backend.events if event in ("reset", "disconnected")]
            assert events == ["reset", "reset", "reset", "disconnected"]

    asyncio.run(run())
