"""HOLDFOR and HOLDUNTIL of MAIL (RFC 4865)."""

import asyncio
import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.smtp.server.backend import Service
from delivery.smtp.server.future_release import LONGEST_HOLD, FutureRelease, take_future_release
from mail import clock
from mail.errors import MailError
from tests.smtp_server.raw import running

MAIL = "MAIL FROM:<alice@example.org> "
TOO_FAR = "501 5.5.4 mail is held 60 days at most"
NO_SECONDS = "501 5.5.4 HOLDFOR is a number of seconds"
NO_TIME = "501 5.5.4 HOLDUNTIL is a time like 2030-12-31T23:59:59Z"


def text(moment: clock.Moment) -> str:
    return clock.as_datetime(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def submitted(*lines: str, port: Service = Service.SUBMISSION) -> tuple[str, FutureRelease | None, str]:
    """The EHLO reply, what the transaction asks for, and the last reply."""

    async def run() -> tuple[str, FutureRelease | None, str]:
        async with running(port) as world:
            client = await world.connect("EHLO client.example")
            if port.is_submission:
                await client.secure()
                await client.log_in()
            offered = await client.ask("EHLO client.example")
            answer = await client.ask(*lines)
            if not answer.startswith("250"):
                return offered, None, answer
            await client.ask("RCPT TO:<bob@example.org>")
            client.send(b"BDAT 3 LAST\r\nx\r\n")
            await client.reply()
            return offered, world.backend.accepted[-1].transaction.release, answer

    return asyncio.run(run())


def test_submission_offers_sixty_days_and_says_until_when_that_is() -> None:
    before = clock.now()
    offered, release, _ = submitted(MAIL)
    line = next(line for line in offered.split("\n") if "FUTURERELEASE" in line)
    _, seconds, latest = line[4:].split(" ")
    assert int(seconds) == 60 * 24 * 3600
    assert text(before + LONGEST_HOLD) <= latest <= text(clock.now() + LONGEST_HOLD)
    assert release is None


def test_so_many_seconds_from_now() -> None:
    before = clock.now()
    _, release, _ = submitted(MAIL + "HOLDFOR=3600")
    assert release is not None
    assert 0 <= release.moment - before - 3600 * clock.SECOND < 60 * clock.SECOND
    assert release.request == "for;3600"


def test_a_moment_in_any_time_zone() -> None:
    moment = clock.now() // clock.SECOND * clock.SECOND + clock.DAY
    zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    there = clock.as_datetime(moment).astimezone(zone).isoformat()
    _, release, _ = submitted(MAIL + f"holduntil={there}")
    assert release == FutureRelease(moment, f"until;{there}")


@pytest.mark.parametrize("passed", ["2020-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59"])
def test_a_moment_that_has_passed_is_now(passed: str) -> None:
    before = clock.now()
    _, release, _ = submitted(MAIL + f"HOLDUNTIL={passed}")
    assert release is not None
    assert before <= release.moment <= clock.now()


@pytest.mark.parametrize(
    ("parameters", "reply"),
    [
        ("HOLDFOR=5184061", TOO_FAR),
        ("HOLDUNTIL=9999-12-31T23:59:59Z", TOO_FAR),
        ("HOLDFOR=1 HOLDUNTIL=2020-01-01T00:00:00Z", "501 5.5.4 HOLDFOR and HOLDUNTIL exclude each other"),
        ("HOLDFOR", NO_SECONDS),
        ("HOLDFOR=-1", NO_SECONDS),
        ("HOLDFOR=1.5", NO_SECONDS),
        ("HOLDFOR=1000000000", NO_SECONDS),
        ("HOLDUNTIL", NO_TIME),
        ("HOLDUNTIL=tomorrow", NO_TIME),
        ("HOLDUNTIL=2030-02-30T00:00:00Z", NO_TIME),
        ("HOLDUNTIL=2030-01-01T00:00:00", NO_TIME),
        ("HOLDUNTIL=2030-01-01", NO_TIME),
        ("HOLDUNTIL=9999-12-31T23:59:59-23:59", TOO_FAR),
    ],
)
def test_what_is_refused(parameters: str, reply: str) -> None:
    assert submitted(MAIL + parameters)[2] == reply


def test_other_servers_can_not_ask_for_it() -> None:
    offered, _, answer = submitted(MAIL + "HOLDFOR=10", port=Service.SMTP)
    assert "FUTURERELEASE" not in offered
    assert answer == "555 5.5.4 parameter HOLDFOR is not supported"


@given(st.text(alphabet="0123456789-+:.TZtz", max_size=30))
def test_any_text_is_a_time_or_refused(value: str) -> None:
    with contextlib.suppress(MailError):
        release = take_future_release({"HOLDUNTIL": value})
        assert release is not None
        assert release.moment <= clock.now() + LONGEST_HOLD
