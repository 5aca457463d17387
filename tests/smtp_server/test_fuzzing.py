"""Whatever clients send: well-formed replies, no internal error, and nothing left behind."""

import asyncio
import contextlib
import logging
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from delivery.smtp.server.backend import Service
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.parameters import mail_parameters, parse_parameters, refuse_unknown
from mail.errors import MailError
from tests.smtp_server.raw import running

LIMITS = Limits(message_size=2000, errors=8, idle_commands=8, recipients=3)

VOCABULARY = r"""
EHLO HELO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY EXPN HELP AUTH STARTTLS FROM: TO: FROM:<a@b.example>
TO:<bob@example.org> <> < > @ : " \ SIZE=10 SIZE=x BODY=8BITMIME SMTPUTF8 REQUIRETLS HOLDFOR=5 AUTH=<>
0 3 7 LAST 2001 99999999999999999999 PLAIN AGEAYg== = * . .. [1.2.3.4] [IPv6:::1] zoë ٣ x.example
"""
WORDS = st.sampled_from(VOCABULARY.split()) | st.text(max_size=8)
LINES = st.lists(WORDS, max_size=5).map(" ".join).map(str.encode) | st.binary(max_size=40)
ENDS = st.sampled_from([b"\r\n"] * 8 + [b"\n", b"\r", b"", b"\r\r\n", b"\x00\r\n"])
GOOD_START = [
    b"EHLO x.example\r\n",
    b"MAIL FROM:<a@b.example>\r\n",
    b"RCPT TO:<bob@example.org>\r\n",
]
TALK = st.builds(
    lambda start, lines: b"".join(GOOD_START[:start] + [line + end for line, end in lines]),
    st.integers(0, 3),
    st.lists(st.tuples(LINES, ENDS), max_size=12),
)

REPLIES = re.compile(rb"(?:(\d{3})-[ -~]*\r\n(?:\1-[ -~]*\r\n)*\1 [ -~]*\r\n|\d{3} [ -~]*\r\n)*")


class Keeping(logging.Handler):
    """Puts what is logged as an error into a list."""

    def __init__(self, kept: list[logging.LogRecord]) -> None:
        super().__init__(logging.ERROR)
        self._kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.append(record)


async def answers(talk: bytes, port: Service) -> tuple[bytes, list[str], list[str]]:
    """All that the server says until the connection is closed, the events, and what became of the spools."""
    async with running(port, LIMITS) as world:
        client = await world.dial()
        client.send(talk)
        with contextlib.suppress(ConnectionError):
            client.writer.write_eof()
        try:
            said = await asyncio.wait_for(client.reader.read(), 20)
        except ConnectionError:
            said = b""  # the server closed with something unread
        await asyncio.wait_for(world.backend.gone.wait(), 20)
        return said, world.backend.events, [spool.outcome for spool in world.backend.spools]


@pytest.mark.parametrize("port", [Service.SMTP, Service.SUBMISSION])
@settings(max_examples=60, deadline=None)
@given(talk=TALK)
@example(talk=b"".join(GOOD_START) + b"BDAT 3\r\nabcBDAT 1 LAST")
@example(talk=b"".join(GOOD_START) + b"DATA\r\n.\r\n.\r\n")
def test_any_talk_is_answered_in_good_form(talk: bytes, port: Service) -> None:
    errors: list[logging.LogRecord] = []
    handler = Keeping(errors)
    logging.getLogger("delivery").addHandler(handler)
    try:
        said, events, outcomes = asyncio.run(answers(talk, port))
    finally:
        logging.getLogger("delivery").removeHandler(handler)
    assert errors == []
    assert REPLIES.fullmatch(said), said
    assert all(len(line) <= 512 for line in said.splitlines(keepends=True))
    assert not said or said.startswith(b"220 ")
    assert events[0] == "connected"
    assert events.count("disconnected") == 1
    assert set(outcomes) <= {"aborted", "committed"}
    farewells = [line[:3] for line in said.splitlines() if line[:4] in (b"421 ", b"221 ")]
    assert len(farewells) <= 1
    assert not farewells or said.splitlines()[-1][:3] == farewells[0]


@given(text=st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=60), submission=st.booleans())
def test_any_parameters_are_understood_or_refused(text: str, submission: bool) -> None:
    with contextlib.suppress(MailError):
        mail_parameters(text, submission=submission)
    with contextlib.suppress(MailError):
        refuse_unknown(parse_parameters(text))
