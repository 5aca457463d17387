"""The policy itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.mtasts.policy import LONGEST_AGE, InvalidPolicy, Mode, Policy, parse_policy

GOOD = (
    "version: STSv1\r\nmode: enforce\r\nmx: mx1.remote.example\r\nmx: *.remote.example\r\nmax_age: 86400\r\n"
)


def test_a_policy_is_read() -> None:
    policy = parse_policy(GOOD)
    assert policy == Policy(Mode.ENFORCE, ("mx1.remote.example", "*.remote.example"), 86400)


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\r\n", "\n"),
        GOOD.removesuffix("\r\n"),
        GOOD.replace(": ", ":"),
        GOOD.replace(": ", ":\t "),
        GOOD.replace("\r\n", " \r\n"),
        GOOD + "\r\nnew_field: something ünusual\r\n",
        GOOD + "mode: none\r\nversion: STSv2\r\nmax_age: 1\r\n",
        GOOD.replace("mx1.remote.example", "MX1.Remote.Example"),
    ],
    ids=["LF", "no-last-end", "no-blank", "tab", "blank-at-end", "unknown", "first-counts", "case"],
)
def test_forms_that_mean_the_same(text: str) -> None:
    assert parse_policy(text) == parse_policy(GOOD)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("version: STSv1\r\n", ""), "version"),
        (("STSv1", "STSv2"), "version"),
        (("mode: enforce\r\n", ""), "mode"),
        (("enforce", "strict"), "mode"),
        (("max_age: 86400\r\n", ""), "max_age"),
        (("86400", "a day"), "max_age"),
        (("86400", "12345678901"), "max_age"),
        (("86400", "-1"), "max_age"),
        (("mx1.remote.example", "mx..example"), "host name"),
        (("mx1.remote.example", "*"), "host name"),
        (("mx1.remote.example", "a.*.example"), "host name"),
        (("mode: enforce", "mode enforce"), "field"),
    ],
)
def test_what_is_wrong_is_told(change: tuple[str, str], reason: str) -> None:
    with pytest.raises(InvalidPolicy, match=reason):
        parse_policy(GOOD.replace(*change))


def test_only_a_withdrawn_policy_needs_no_host() -> None:
    assert parse_policy("version: STSv1\nmode: none\nmax_age: 1").mx == ()
    with pytest.raises(InvalidPolicy, match="no mx"):
        parse_policy("version: STSv1\nmode: testing\nmax_age: 1")


def test_an_age_beyond_a_year_means_a_year() -> None:
    assert parse_policy(GOOD.replace("86400", "9999999999")).max_age == LONGEST_AGE


@pytest.mark.parametrize(
    ("host", "listed"),
    [
        ("mx1.remote.example", True),
        ("MX1.remote.example.", True),
        ("other.remote.example", True),
        ("remote.example", False),
        ("a.b.remote.example", False),
        ("mx1.remote.example.evil.example", False),
        ("mx1remote.example", False),
    ],
)
def test_a_wildcard_stands_for_one_label(host: str, listed: bool) -> None:
    assert parse_policy(GOOD).matches(host) is listed


LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=2, max_size=4).map(".".join)


@given(NAMES, LABELS)
def test_a_wildcard_covers_every_name_one_label_below_and_not_its_own(parent: str, label: str) -> None:
    policy = parse_policy(f"version: STSv1\nmode: enforce\nmx: *.{parent}\nmax_age: 1\n")
    assert policy.matches(f"{label}.{parent}")
    assert not policy.matches(parent)
    assert not policy.matches(f"x.{label}.{parent}")


@given(
    st.sampled_from(Mode), st.lists(NAMES, min_size=1, max_size=5, unique=True), st.integers(0, LONGEST_AGE)
)
def test_what_was_written_is_read(mode: Mode, hosts: list[str], age: int) -> None:
    lines = [f"mx: {host}" for host in hosts]
    text = "\r\n".join([f"max_age: {age}", *lines, f"mode: {mode}", "version: STSv1"])
    assert parse_policy(text) == Policy(mode, tuple(hosts), age)


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_the_one_error(text: str) -> None:
    try:
        parse_policy(text)
    except InvalidPolicy:
        pass
