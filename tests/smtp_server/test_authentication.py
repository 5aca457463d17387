"""AUTH PLAIN and LOGIN (RFC 4954)."""

import asyncio
import base64
import logging

import pytest

from delivery.smtp.server.backend import Service
from delivery.smtp.server.limits import Limits
from mail.log.levels import TRACE, TRACEAUTH
from tests.smtp_server.raw import Client, World, plain, running

MAIL = "MAIL FROM:<alice@example.org>"


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def secured(world: World) -> Client:
    client = await world.connect()
    await client.secure()
    return client


RIGHT, WRONG = plain("alice", "open sesame"), plain("alice", "guess")


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        ([f"AUTH PLAIN {RIGHT}"], "235 2.7.0 welcome"),
        ([f"auth plain {RIGHT}"], "235 2.7.0 welcome"),
        (["AUTH PLAIN", RIGHT], "235 2.7.0 welcome"),
        (["AUTH LOGIN", encode("alice"), encode("open sesame")], "235 2.7.0 welcome"),
        ([f"AUTH LOGIN {encode('alice')}", encode("open sesame")], "235 2.7.0 welcome"),
        (["AUTH PLAIN"], "334 "),
        (["AUTH LOGIN"], "334 " + encode("Username:")),
        (["AUTH LOGIN", encode("alice")], "334 " + encode("Password:")),
        ([f"AUTH PLAIN {WRONG}"], "535 5.7.8 wrong user name or password"),
        (["AUTH LOGIN", encode("alice"), encode("guess")], "535 5.7.8 wrong user name or password"),
        (["AUTH PLAIN ="], "501 5.5.2 authentication response not understood"),
        (["AUTH PLAIN !"], "501 5.5.2 not base64"),
        (["AUTH PLAIN", "*"], "501 5.7.0 log-in cancelled"),
        (["AUTH PLAIN", "not base64"], "501 5.5.2 not base64"),
        (["AUTH PLAIN", "A" * 20_000], "500 5.5.6 line too long"),
        (["AUTH GSSAPI"], "504 5.5.4 mechanism not supported"),
        (["AUTH"], "504 5.5.4 mechanism not supported"),
        ([f"AUTH PLAIN {RIGHT}", f"AUTH PLAIN {RIGHT}"], "503 5.5.1 you are logged in already"),
        ([MAIL], "530 5.7.0 log in first"),
        (["RCPT TO:<bob@example.org>"], "530 5.7.0 log in first"),
        ([f"AUTH PLAIN {WRONG}", MAIL], "530 5.7.0 log in first"),
        ([f"AUTH PLAIN {RIGHT}", MAIL, "AUTH PLAIN"], "503 5.5.1 you are logged in already"),
    ],
)
def test_replies_on_submission_under_tls(lines: list[str], reply: str) -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION) as world:
            assert await (await secured(world)).ask(*lines) == reply

    asyncio.run(run())


@pytest.mark.parametrize(
    ("service", "line", "reply"),
    [
        (Service.SUBMISSION, "AUTH PLAIN", "538 5.7.11 start TLS first"),
        (Service.SUBMISSION, MAIL, "530 5.7.0 start TLS and log in first"),
        (Service.SMTP, "AUTH PLAIN", "502 5.5.1 there is no log-in on this port"),
    ],
)
def test_nobody_logs_in_in_the_clear_or_on_port_25(service: Service, line: str, reply: str) -> None:
    async def run() -> None:
        async with running(service) as world:
            client = await world.connect("EHLO client.example")
            assert await client.ask(line) == reply
            assert not any("authenticate" in event for event in world.backend.events)

    asyncio.run(run())


def test_auth_needs_ehlo() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION) as world:
            client = await world.connect("EHLO client.example", "STARTTLS")
            await client.start_tls()
            assert await client.ask(f"AUTH PLAIN {RIGHT}") == "503 5.5.1 say EHLO first"

    asyncio.run(run())


def test_the_identity_is_known_to_the_transaction() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION) as world:
            client = await secured(world)
            await client.log_in()
            await client.deliver(b"hello\r\n.\r\n")
            identity = world.backend.accepted[0].transaction.session.identity
            assert identity is not None
            assert identity.username == "alice"
            await client.ask("EHLO again.example")
            assert world.backend.sessions[0].identity == identity

    asyncio.run(run())


def test_guessing_ends_the_session() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION, Limits(errors=3)) as world:
            client = await secured(world)
            for _ in range(3):
                assert (await client.log_in(password="guess")).startswith("535")
            assert (await client.reply()).startswith("421 4.7.0 too many errors, session ")
            assert await client.ended()

    asyncio.run(run())


@pytest.mark.parametrize(("level", "shown"), [(TRACE, False), (TRACEAUTH, True)])
def test_credentials_are_in_the_log_at_level_traceauth_only(
    caplog: pytest.LogCaptureFixture, level: int, shown: bool
) -> None:
    async def run() -> None:
        async with running(Service.SUBMISSION) as world:
            client = await secured(world)
            await client.ask(f"AUTH PLAIN {WRONG}", "AUTH LOGIN", encode("alice"), encode("guess"))
            await client.ask(f"AUTH\tPLAIN {WRONG}", f"AUTHPLAIN {WRONG}", f"  AUTH PLAIN {WRONG}")
            await client.ask(f"AUTH PLAIN {RIGHT}")

    logging.getLogger("delivery.smtp.server").setLevel(level)
    caplog.set_level(level)
    asyncio.run(run())
    logged = "".join(str(record.__dict__) for record in caplog.records)
    assert "AUTH PLAIN" in logged
    for secret in (RIGHT, WRONG, encode("guess"), "open sesame"):
        assert (secret in logged) == (shown and secret != "open sesame")
