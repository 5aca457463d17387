import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.models import QueuedRecipient
from delivery.queue.selection import Selection, WrongFilter, find
from delivery.queue.when import NoTime, duration_text, parse_duration, parse_moment
from mail import clock
from tests.pages.visiting import send
from tests.world.world import World


def names(selection: Selection) -> set[str]:
    return {row.localpart for row in find(selection)}


@pytest.fixture
def queue(world: World) -> None:
    send(world, world.alice, "a@x.example", "aa@x.example", "b@xn--mnchen-3ya.example")
    send(world, world.bob, "c@y.example", "held@y.example")
    QueuedRecipient.objects.filter(localpart="held").update(held=True, transport="relay")
    QueuedRecipient.objects.filter(localpart="aa").update(due=clock.now() + 3 * clock.HOUR)


@pytest.mark.only_database("sqlite")
@pytest.mark.usefixtures("queue")
def test_all_given_filters_must_match(world: World) -> None:
    everything = {"a", "aa", "b", "c", "held"}
    expected: list[tuple[Selection, set[str]]] = [
        (Selection(), everything),
        (Selection(recipient="@X.example"), {"a", "aa"}),
        (Selection(recipient="a@x.example"), {"a"}),
        (Selection(recipient="a@x"), {"a", "aa"}),
        (Selection(recipient="münchen.example"), {"b"}),
        (Selection(domain="münchen.example"), {"b"}),
        (Selection(sender="BOB@"), {"c", "held"}),
        (Selection(sender="<>"), set()),
        (Selection(account="alice"), {"a", "aa", "b"}),
        (Selection(account="alice", recipient="c@"), set()),
        (Selection(held="yes"), {"held"}),
        (Selection(held="no", account="bob"), {"c"}),
        (Selection(transport="relay"), {"held"}),
        (Selection(next_attempt="<1h"), everything - {"aa"}),
        (Selection(next_attempt=">1h"), {"aa"}),
        (Selection(next_attempt="now"), set()),
        (Selection(submitted=">-1m"), everything),
        (Selection(submitted="<-1m"), set()),
        (Selection(state="failed"), set()),
        (Selection(state="any", domain="y.example"), {"c", "held"}),
    ]
    for selection, found in expected:
        assert names(selection) == found, selection


@pytest.mark.only_database("sqlite")
def test_a_filter_that_can_not_be_read_says_so(world: World) -> None:
    for selection, word in (
        (Selection(account="nobody"), "nobody"),
        (Selection(domain="not a domain"), "domain"),
        (Selection(recipient="@not a domain"), "address"),
        (Selection(next_attempt="1h"), "begin with <"),
        (Selection(submitted="<soon"), "submitted"),
        (Selection(held="perhaps"), "yes, no"),
        (Selection(state="lost"), "lost"),
    ):
        with pytest.raises(WrongFilter, match=word):
            find(selection)


def test_moments_are_durations_from_now_or_dates() -> None:
    assert parse_moment("1h30m", 0) == 90 * clock.MINUTE
    assert parse_moment("-2d", 0) == -2 * clock.DAY
    assert parse_moment(" NOW ", 7) == 7
    assert parse_moment("1970-01-01 00:01", 0) == clock.MINUTE
    assert parse_moment("1970-01-01T01:00+01:00", 0) == 0
    for wrong in ("", "5", "1x", "tomorrow", "9999999h", "999999w"):
        with pytest.raises(NoTime):
            parse_moment(wrong, 0)


@given(st.integers(0, 10 * 365 * 86400))
def test_a_duration_reads_as_it_is_written(seconds: int) -> None:
    assert parse_duration(duration_text(seconds * clock.SECOND)) == seconds * clock.SECOND
