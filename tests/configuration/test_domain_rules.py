"""Rules for a hosted domain, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.configuration.rules.domains import DomainRules, domain_name, separator_problems


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("example.org", "example.org"),
        (" Example.ORG. ", "example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("XN--bcher-kva.example", "xn--bcher-kva.example"),
        ("☺.example", "xn--74h.example"),
    ],
)
def test_a_domain_is_stored_in_one_spelling(typed: str, stored: str) -> None:
    assert domain_name(typed) == (stored, [])


@pytest.mark.parametrize(
    "typed", ["", ".", "a..b", "exa mple.org", "192.0.2.1", "x_y.example", "a" * 64 + ".org"]
)
def test_what_is_no_domain_is_refused(typed: str) -> None:
    _, problems = domain_name(typed)
    assert [problem.field for problem in problems] == ["name"]


@pytest.mark.parametrize("separators", [[], ["+"], ["+", "-"], ["--"], ["=", "--"], ["."], ["ü"], ["x"]])
def test_usable_separators(separators: list[str]) -> None:
    assert separator_problems(separators, case_sensitive=False) == []


@pytest.mark.parametrize(
    ("separators", "reason"),
    [
        ([""], "empty"),
        (["+", "+"], "twice"),
        (["+", "++"], "no effect"),
        (["++", "+"], "no effect"),
        (["@"], "can't separate"),
        (["a b"], "can't separate"),
        (["\n"], "can't separate"),
        (["u\u0308"], "normal form C"),
        (["X"], "lower case"),
        (["x" * 17], "longer"),
        ([1], "list of texts"),
        ("+", "list of texts"),
        (None, "list of texts"),
        ({"+": 1}, "list of texts"),
    ],
)
def test_separators_that_make_no_sense_are_refused(separators: object, reason: str) -> None:
    problems = separator_problems(separators, case_sensitive=False)
    assert len(problems) == 1
    assert problems[0].field == "localpart_separators"
    assert reason in problems[0].message


def test_upper_case_can_separate_where_case_counts() -> None:
    assert separator_problems(["X"], case_sensitive=True) == []


@given(
    st.lists(st.text(alphabet="+-=ax", max_size=3), max_size=4),
    st.text(alphabet="ab+-=X", min_size=1, max_size=8),
    st.booleans(),
)
def test_accepted_separators_never_remain_in_a_canonical_localpart(
    separators: list[str], localpart: str, case_sensitive: bool
) -> None:
    if separator_problems(separators, case_sensitive=case_sensitive):
        return
    rules = DomainRules("example.org", tuple(separators), case_sensitive)
    canonical = rules.canonical(localpart)
    assert not any(separator in canonical for separator in separators)
