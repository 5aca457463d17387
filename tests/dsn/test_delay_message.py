"""The notification that a message is late, with the times of the coming attempts."""

import pytest

from delivery.dsn.message import delay_message
from delivery.queue.schedule import remaining_delays
from mail import clock
from mail.errors import Reply
from tests.dsn.reports import LAST_ATTEMPT, blocks, parse, parts, recipient, report

LATER = report(recipient(reply=Reply(451, "4.7.1", "greylisted")))


def attempts(*hours: float) -> list[int]:
    return [LAST_ATTEMPT + round(hour * clock.HOUR) for hour in hours]


def test_it_says_delayed_and_until_when() -> None:
    message = parse(delay_message(LATER, attempts(2, 6, 14)))
    assert message["Subject"] == "Your message is delayed"
    _, status, _ = parts(message)
    carol = blocks(status)[1]
    assert carol["Action"] == "delayed"
    assert carol["Status"] == "4.7.1"
    assert carol["Will-Retry-Until"] == "Thu, 19 Nov 2026 02:06:40 +0000"


def test_the_text_names_every_coming_attempt() -> None:
    text = " ".join(str(parts(parse(delay_message(LATER, attempts(2, 6, 14))))[0].get_content()).split())
    assert "next attempt is on Wednesday, 18 November 2026, 14:06 UTC" in text
    assert "then on Wednesday, 18 November 2026, 18:06 UTC" in text
    assert "last one is on Thursday, 19 November 2026, 02:06 UTC" in text


def test_a_single_attempt_is_the_last() -> None:
    text = str(parts(parse(delay_message(LATER, attempts(8))))[0].get_content())
    assert "The last attempt is on" in " ".join(text.split())


def test_a_message_without_a_coming_attempt_is_not_late() -> None:
    with pytest.raises(ValueError, match="has failed"):
        delay_message(LATER, [])


def test_the_times_follow_from_the_schedule() -> None:
    moment = LAST_ATTEMPT
    coming = []
    for delay in remaining_delays(5):
        moment += delay
        coming.append(moment)
    _, status, _ = parts(parse(delay_message(LATER, coming)))
    assert blocks(status)[1]["Will-Retry-Until"] == "Thu, 19 Nov 2026 02:06:40 +0000"
