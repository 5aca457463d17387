"""EHLO keywords are read as announced; nonsense among them does no harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.smtp.extensions import Extensions, parse_extensions
from mail.errors import Reply


def announced(*lines: str) -> Extensions:
    return parse_extensions(Reply(250, "", "\n".join(("mx.remote.example greets you", *lines))))


def test_every_known_keyword_is_understood() -> None:
    extensions = announced(
        "PIPELINING", "SIZE 1000", "8BITMIME", "SMTPUTF8", "STARTTLS", "ENHANCEDSTATUSCODES", "REQUIRETLS"
    )
    assert extensions.pipelining
    assert extensions.eight_bit_mime
    assert extensions.smtputf8
    assert extensions.starttls
    assert extensions.enhanced_status_codes
    assert extensions.requiretls
    assert extensions.size == 1000


def test_nothing_is_assumed() -> None:
    assert announced() == Extensions()


def test_keywords_and_mechanisms_may_be_in_any_case() -> None:
    extensions = announced("pipelining", "Auth plain Login")
    assert extensions.pipelining
    assert extensions.auth == ("PLAIN", "LOGIN")


def test_the_greeting_line_is_no_keyword() -> None:
    assert not parse_extensions(Reply(250, "", "PIPELINING")).pipelining


@pytest.mark.parametrize(
    ("line", "size"), [("SIZE", 0), ("SIZE 0", 0), ("SIZE abc", 0), ("SIZE 5 6", 5), ("SIZE ٣", 0)]
)
def test_a_size_without_a_sensible_number_is_no_limit(line: str, size: int) -> None:
    assert announced(line).size == size


def test_both_ways_to_announce_login_are_joined() -> None:
    assert announced("AUTH PLAIN LOGIN", "AUTH=LOGIN CRAM-MD5").auth == ("PLAIN", "LOGIN", "CRAM-MD5")


def test_limits_are_read() -> None:
    extensions = announced("LIMITS RCPTMAX=20 MAILMAX=5 OTHER=7")
    assert extensions.rcptmax == 20
    assert extensions.mailmax == 5


@pytest.mark.parametrize("line", ["LIMITS RCPTMAX=0", "LIMITS RCPTMAX=1234567", "LIMITS"])
def test_a_limit_that_says_nothing_is_ignored(line: str) -> None:
    assert announced(line).rcptmax is None


@pytest.mark.parametrize("word", ["RCPTMAX", "MAILMAX=x", "=5", "A B=1"])
def test_a_syntax_error_discards_all_limits(word: str) -> None:
    assert announced(f"LIMITS RCPTMAX=5 {word}").rcptmax is None


@given(st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=1000), max_size=80), max_size=10))
def test_any_reply_can_be_read(lines: list[str]) -> None:
    announced(*lines)
