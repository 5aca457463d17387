import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail import clock
from mail.search.matching import fts5, tsquery
from mail.search.query import LONGEST, MOST_TERMS, Place, State, Term, parse_query


def day(year: int, month: int, number: int) -> int:
    return clock.from_datetime(datetime.datetime(year, month, number, tzinfo=datetime.UTC))


def test_everything_at_once() -> None:
    query = parse_query(
        'from:bob numbers "the house" -subject:"spam" ab no* before:2026-01-01 after:2025 has:attachment '
        'is:unread -is:starred in:Archive in:"My Box" -in:Lists tag:work larger:2MB smaller:1g'
    )
    assert query.terms == [
        Term(("bob",), Place.SENDER, open_end=True),
        Term(("numbers",), open_end=True),
        Term(("the", "house")),
        Term(("spam",), Place.SUBJECT, negated=True),
        Term(("ab",)),
        Term(("no",), open_end=True),
    ]
    assert (query.since, query.before) == (day(2025, 1, 1), day(2026, 1, 1))
    assert query.attachment is True
    assert query.states == [State.UNREAD, State.UNSTARRED]
    assert (query.mailboxes, query.without_mailboxes) == (["Archive", "My Box"], ["Lists"])
    assert query.keywords == ["work"]
    assert (query.larger, query.smaller) == (2_000_000, 1_000_000_000)
    assert query.problems == []


@pytest.mark.parametrize(
    ("text", "since", "before"),
    [
        ("on:2026-01-31", day(2026, 1, 31), day(2026, 2, 1)),
        ("on:2026-12", day(2026, 12, 1), day(2027, 1, 1)),
        ("on:2026", day(2026, 1, 1), day(2027, 1, 1)),
        ("-before:2026-03", day(2026, 3, 1), None),
        ("before:2026 before:2025", None, day(2025, 1, 1)),
    ],
)
def test_dates(text: str, since: int | None, before: int | None) -> None:
    query = parse_query(text)
    assert (query.since, query.before) == (since, before)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("before:yesterday", "“before:yesterday” needs a date"),
        ("after:2026-02-30", "“after:2026-02-30” needs a date"),
        ("on:0000", "needs a date"),
        ("is:odd", "“is:odd” means nothing here"),
        ("has:legs", "there is has:attachment"),
        ("larger:big", "needs a size"),
        ("w " * (MOST_TERMS + 1), "Only the first"),
    ],
)
def test_what_is_not_understood_is_said(text: str, said: str) -> None:
    (problem,) = parse_query(text).problems
    assert said in problem


@pytest.mark.parametrize("text", ["", "   ", '"', "-", '""', "from:", "***", "-:-"])
def test_nothing_asks_for_nothing(text: str) -> None:
    assert parse_query(text).is_empty


def test_a_space_may_follow_the_colon() -> None:
    query = parse_query("from: bob in: archive")
    assert (query.terms, query.mailboxes) == ([Term(("bob",), Place.SENDER, open_end=True)], ["archive"])


def test_what_looks_like_a_filter_and_is_none_is_looked_for() -> None:
    assert parse_query("https://remote.example 14:30 Re:").terms == [
        Term(("https", "remote", "example"), open_end=True),
        Term(("14", "30")),
        Term(("re",)),
    ]


@settings(max_examples=200)
@given(st.text(max_size=60) | st.lists(st.sampled_from(
    ['from:', '-', '"', 'in:', 'before:', '2026', 'is:unread', ' ', '*', ':', 'é', '東', "'", '\\', '\x00']
), max_size=20).map("".join))  # fmt: skip
def test_any_text_is_a_query_the_databases_can_read(text: str) -> None:
    query = parse_query(text)
    for term in query.terms:
        assert term.words
        assert not set("".join(term.words)) & set("\"'\\*: ")
    for made in (fts5(1, query), tsquery(query)):
        assert not set(made) & {"\x00", "\\"}


def test_a_query_without_end_is_cut() -> None:
    assert parse_query("x" * 10 * LONGEST).terms[0].words == ("x" * 64,)
