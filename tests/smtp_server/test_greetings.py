"""The commands that carry no mail."""

import asyncio

import pytest

from delivery.smtp.server.backend import Service
from delivery.smtp.server.limits import Limits
from mail.errors import MailError
from tests.smtp_server.raw import running


def keywords(reply: str) -> set[str]:
    return {line[4:] for line in reply.split("\n")[1:]}


def test_the_greeting_names_the_host_and_the_session() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.dial()
            greeting = await client.reply()
            assert greeting == f"220 mail.example.org ESMTP session {world.backend.sessions[0].id}"

    asyncio.run(run())


def test_ehlo_tells_what_port_25_can_do_in_the_clear_and_under_tls() -> None:
    async def run() -> None:
        async with running(limits=Limits(message_size=12345)) as world:
            client = await world.connect()
            always = {"PIPELINING", "SIZE 12345", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "HELP"}
            always |= {"CHUNKING", "LIMITS RCPTMAX=1000"}
            reply = await client.ask("EHLO client.example")
            assert reply.startswith("250-mail.example.org\n")
            assert keywords(reply) == always | {"STARTTLS"}
            await client.secure()
            assert keywords(await client.ask("EHLO client.example")) == always

    asyncio.run(run())


def test_auth_is_offered_for_submission_under_tls_only() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION) as world:
            client = await world.connect()
            assert not any("AUTH" in word for word in keywords(await client.ask("EHLO client.example")))
            await client.secure()
            offered = (
                "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN"
            )
            assert offered in keywords(await client.ask("EHLO client.example"))

    asyncio.run(run())


def test_without_certificate_there_is_no_starttls() -> None:
    async def run() -> None:
        async with running(certificate=None) as world:
            client = await world.connect()
            assert "STARTTLS" not in keywords(await client.ask("EHLO client.example"))
            assert await client.ask("STARTTLS") == "454 4.7.0 TLS is not available"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("NOOP", "250 2.0.0 ok"),
        ("noop whatever", "250 2.0.0 ok"),
        ("RSET", "250 2.0.0 ok"),
        ("RSET now", "501 5.5.4 no argument is allowed here"),
        ("VRFY bob@example.org", "252 2.0.0 not verified; send mail and see"),
        ("VRFY", "501 5.5.4 VRFY needs an address"),
        ("EXPN team", "502 5.5.1 EXPN is not implemented"),
        ("HELP MAIL", "214 2.0.0 form: MAIL FROM:<address> [parameters]"),
        ("HELO client.example", "250 mail.example.org"),
        ("HELO", "501 EHLO and HELO need the name of your host"),
        ("EHLO two names", "501 EHLO and HELO need the name of your host"),
        ("smtp_MAIL", "500 5.5.1 command unknown"),
        ("", "500 5.5.1 command unknown"),
        (b"NOOP \xff", "500 5.5.2 the command is not UTF-8"),
        (b"NOOP a\rb", "500 5.5.2 control characters are not allowed in commands"),
        (b"NOOP \x00", "500 5.5.2 control characters are not allowed in commands"),
        (b"NOOP " + b"x" * 3000, "500 5.5.2 line too long"),
        ("QUIT", "221 2.0.0 bye"),
    ],
)
def test_replies(command: str | bytes, reply: str) -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect()
            assert await client.ask(command) == reply
            if command == "QUIT":
                assert await client.ended()

    asyncio.run(run())


def test_help_lists_the_commands() -> None:
    async def run() -> str:
        async with running() as world:
            client = await world.connect()
            return await client.ask("HELP")

    listed = asyncio.run(run())
    assert listed.startswith("214 2.0.0 commands: ")
    assert set(listed.split()[3:]) == {
        *(
            "AUTH",
            "BDAT",
            "DATA",
            "EHLO",
            "HELO",
            "HELP",
            "MAIL",
            "NOOP",
            "QUIT",
            "RCPT",
            "RSET",
            "STARTTLS",
            "VRFY",
        )
    }


def test_a_line_that_ends_with_lf_alone_is_no_command() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect("EHLO client.example")
            client.send(b"MAIL FROM:<carol@remote.example>\n")
            assert await client.reply() == "500 5.5.2 lines end with CR LF"
            assert (await client.ask("RCPT TO:<bob@example.org>")).startswith("503 5.5.1")

    asyncio.run(run())


def test_the_backend_may_turn_a_client_away() -> None:
    def refuse(session: object) -> None:
        raise MailError(554, "5.7.1", "not you", cause="on a list")

    async def run() -> None:
        async with running() as world:
            world.backend.on_connect = refuse
            client = await world.dial()
            assert await client.reply() == "554 not you"
            assert await client.ended()
            assert world.backend.events == ["connected", "disconnected"]

    asyncio.run(run())


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "CONNECT"])
def test_what_a_browser_was_made_to_send_is_not_listened_to(verb: str) -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.dial()
            await client.reply()
            client.send(f"{verb} / HTTP/1.1\r\nHost: mail.example.org\r\n\r\nEHLO client.example\r\n")
            assert await client.reply() == "500 5.5.1 this is no web server"
            assert await client.ended()

    asyncio.run(run())
