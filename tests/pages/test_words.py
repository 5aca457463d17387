import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.models import Attempt
from mail.clock import HOUR, MINUTE, SECOND
from moxsite.pages.causes import cause_text
from moxsite.pages.words import counted, duration_text, size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (3449, "3.4 kB"),
        (9_960, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (128_000_000, "128 MB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_sizes_have_at_most_one_digit_after_the_point(size: int, text: str) -> None:
    assert size_text(size) == text


@given(st.integers(0, 10**15))
def test_a_size_never_shows_four_digits_before_its_unit(size: int) -> None:
    number, _ = size_text(size).split(" ")
    assert float(number) < 1000 or size >= 999.5 * 10**12


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (410_000, "0.41 s"),
        (12 * SECOND, "12 s"),
        (2 * MINUTE + 5 * SECOND, "2 min 5 s"),
        (5 * MINUTE, "5 min"),
        (3 * HOUR + 20 * MINUTE, "3 h 20 min"),
        (30 * HOUR, "30 h"),
    ],
)
def test_durations_have_the_units_people_use(microseconds: int, text: str) -> None:
    assert duration_text(microseconds) == text


def test_things_are_counted_in_proper_words() -> None:
    assert [counted(1, "address"), counted(2, "address"), counted(0, "message")] == [
        "1 address",
        "2 addresses",
        "0 messages",
    ]


@pytest.mark.parametrize(
    ("stage", "host", "text"),
    [
        ("auth", "relay.example", "relay.example refused the login: “535 5.7.8 no”."),
        ("connect", "relay.example", "relay.example could not be reached: “535 5.7.8 no”."),
        ("rcpt", "", "The other server refused the recipient: “535 5.7.8 no”."),
        ("something new", "relay.example", "535 5.7.8 no."),
    ],
)
def test_a_cause_says_what_happened_before_the_code(stage: str, host: str, text: str) -> None:
    attempt = Attempt(stage=stage, host=host, code=535, enhanced="5.7.8", text="no")
    assert cause_text(attempt) == text


def test_a_reply_of_several_lines_is_one_sentence() -> None:
    attempt = Attempt(stage="data", host="relay.example", code=554, text="first\nsecond")
    assert cause_text(attempt) == "relay.example did not take the message: “554 first second”."
