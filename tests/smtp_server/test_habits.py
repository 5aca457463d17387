"""What mail programs of users get away with, and other servers do not."""

import asyncio

import pytest

from delivery.smtp.server.backend import Service
from tests.smtp_server.raw import running

EHLO = "EHLO client.example"
MAIL = "MAIL FROM:<alice@example.org>"


def replies(port: Service, *lines: str) -> str:
    """The last reply, after the log-in where one is possible."""

    async def run() -> str:
        async with running(port) as world:
            client = await world.connect(EHLO)
            if port.is_submission:
                await client.secure()
                assert (await client.log_in()).startswith("235")
            return await client.ask(*lines)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        (["MAIL FROM: <alice@example.org>"], "501 5.1.7 angle brackets are needed right after FROM:"),
        (["mail from:\t<alice@example.org>"], "500 5.5.2 "),
        (["MAIL FROM:alice@example.org"], "501 5.1.7 angle brackets are needed right after FROM:"),
        (["MAIL FROM:alice@example.org SIZE=0"], "501 5.1.7 angle brackets"),
        ([MAIL, "RCPT TO: <bob@example.org>"], "501 5.1.3 angle brackets are needed right after TO:"),
        ([MAIL, "RCPT TO:bob@example.org"], "501 5.1.3 angle brackets"),
        ([MAIL + " AUTH=<>"], "555 5.5.4 parameter AUTH is not supported"),
        ([MAIL + " AUTH=alice+40example.org"], "555 5.5.4 parameter AUTH is not supported"),
        (["EHLO 2001:db8::1"], "501 EHLO and HELO need the name of your host"),
        (["HELO Alice's=Laptop"], "501 EHLO and HELO need the name of your host"),
        (["EHLO größe.example"], "501 EHLO and HELO need the name of your host"),
        (["EHLO [nowhere]"], "501 EHLO and HELO need the name of your host"),
    ],
)
def test_on_submission_only(lines: list[str], refusal: str) -> None:
    if "\t" not in lines[-1]:
        assert replies(Service.SMTP, *lines).startswith(refusal)
    assert replies(Service.SUBMISSION, *lines).startswith("250")


@pytest.mark.parametrize("port", [Service.SMTP, Service.SUBMISSION])
@pytest.mark.parametrize(
    "lines",
    [
        ["mail from:<alice@example.org>", "rcpt to:<bob@example.org>"],
        ["MAIL From:<alice@example.org> size=0  body=8bitmime  "],
        [MAIL + " SIZE=0", "RCPT TO:<bob@example.org> "],
        ["NOOP  ", "RSET   "],
        ["EHLO my_laptop.example"],
        ["EHLO WIN-7Q2F1"],
        ["EHLO 192.0.2.7"],
        ["EHLO [192.0.2.7]"],
        ["EHLO [IPv6:2001:db8::1]"],
        ["EHLO [2001:db8::1]"],
        ["helo client.example."],
    ],
)
def test_on_every_port(port: Service, lines: list[str]) -> None:
    assert replies(port, *lines).startswith("250")


@pytest.mark.parametrize("port", [Service.SMTP, Service.SUBMISSION])
@pytest.mark.parametrize("name", ["two names", "x" * 256, ""])
def test_on_no_port(port: Service, name: str) -> None:
    assert replies(port, f"EHLO {name}") == "501 EHLO and HELO need the name of your host"
