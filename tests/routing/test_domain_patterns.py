"""Domain patterns of routes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.routing.patterns import matches_any, parse_pattern, parse_patterns
from mail.addresses.domain import AddressError

NAMES = st.lists(st.sampled_from(["a", "b", "ab", "example"]), min_size=1, max_size=4).map(".".join)


@pytest.mark.parametrize(
    ("pattern", "domain", "expected"),
    [
        ("example.com", "example.com", True),
        ("example.com", "mx.example.com", False),
        ("example.com", "", False),
        (".example.com", "example.com", True),
        (".example.com", "mx.example.com", True),
        (".example.com", "a.b.example.com", True),
        (".example.com", "xexample.com", False),
        (".example.com", "com", False),
        (".example.com", "", False),
        (".", "", True),
        (".", "example.com", False),
        (".BÜCHER.example", "a.xn--bcher-kva.example", True),
        ("XN--BCHER-KVA.example.", "xn--bcher-kva.example", True),
    ],
)
def test_a_pattern_means_these_domains(pattern: str, domain: str, expected: bool) -> None:
    assert parse_pattern(pattern).matches(domain) is expected


@pytest.mark.parametrize(
    "text", ["", " ", "..", "..example.com", "*.example.com", "a@b.example", "192.0.2.1"]
)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        parse_pattern(text)


@pytest.mark.parametrize(
    ("text", "written", "shown"),
    [
        ("Example.com.", "example.com", "example.com"),
        (".bücher.example", ".xn--bcher-kva.example", ".bücher.example"),
        (".", ".", "."),
    ],
)
def test_a_pattern_is_written_in_one_form_and_shown_in_unicode(text: str, written: str, shown: str) -> None:
    assert str(parse_pattern(text)) == written
    assert parse_pattern(text).display() == shown
    assert parse_pattern(written) == parse_pattern(text)


def test_no_patterns_match_every_domain_even_the_empty_one() -> None:
    assert matches_any((), "example.com")
    assert matches_any((), "")


def test_one_of_several_patterns_is_enough() -> None:
    patterns = parse_patterns(["a.example", ".b.example"])
    assert matches_any(patterns, "x.b.example")
    assert not matches_any(patterns, "x.a.example")


@given(NAMES, NAMES)
def test_a_leading_dot_means_that_the_labels_end_the_same(pattern: str, domain: str) -> None:
    wanted, labels = pattern.split("."), domain.split(".")
    assert parse_pattern(f".{pattern}").matches(domain) is (labels[-len(wanted) :] == wanted)
