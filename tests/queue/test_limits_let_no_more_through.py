from hypothesis import given
from hypothesis import strategies as st

from delivery.queue.limits import (
    LONGEST_DESTINATION,
    Passage,
    allowance,
    awaited,
    destination_key,
    waiting_lane,
)
from mail.clock import HOUR, MINUTE, SECOND

START = 1_000 * HOUR


def within(passed: list[Passage], begin: int, length: int) -> int:
    return sum(each.messages for each in passed if begin <= each.moment < begin + length)


@given(
    limit=st.integers(1, 200),
    asked=st.lists(st.tuples(st.integers(0, 20 * SECOND), st.integers(1, 40)), max_size=80),
)
def test_no_minute_gets_more_than_the_limit_and_no_ten_seconds_a_crowd(
    limit: int, asked: list[tuple[int, int]]
) -> None:
    passed: list[Passage] = []
    now = START
    for pause, messages in asked:
        now += pause
        left = allowance([each for each in passed if each.moment > now - MINUTE], limit, now)
        if passing := min(messages, left.messages):
            passed.append(Passage(now, passing))
    for each in passed:
        assert within(passed, each.moment, MINUTE) <= limit
        assert within(passed, each.moment, 10 * SECOND) <= -(-limit // 6)


@given(limit=st.integers(1, 200), first=st.integers(1, 200))
def test_when_nothing_may_pass_the_next_moment_is_the_earliest_at_which_something_may(
    limit: int, first: int
) -> None:
    passed: list[Passage] = []
    now = START
    for _ in range(8):
        left = allowance(passed, limit, now)
        if left.messages:
            passed.append(Passage(now, min(first, left.messages)))
        else:
            assert left.more_at > now
            assert allowance(passed, limit, left.more_at - 1).messages == 0
            assert allowance(passed, limit, left.more_at).messages > 0
            now = left.more_at


def test_the_whole_limit_passes_within_a_minute_when_enough_waits() -> None:
    passed: list[Passage] = []
    now = START
    while now < START + MINUTE:
        left = allowance(passed, 100, now)
        if left.messages:
            passed.append(Passage(now, left.messages))
        now += SECOND
    assert sum(each.messages for each in passed) == 100


def test_a_waiting_lane_names_its_transport_and_destination() -> None:
    assert awaited(waiting_lane("relay")) == ("relay", "relay")
    assert awaited(waiting_lane("out remote.example")) == ("out", "out remote.example")
    assert awaited("remote.example") is None
    assert awaited("transport relay") is None


def test_a_destination_too_long_for_its_column_is_shortened_and_stays_itself() -> None:
    long = "transport " + "x" * 250
    assert len(destination_key(long)) <= LONGEST_DESTINATION
    assert destination_key(long) != destination_key(long + "y")
    assert destination_key(long).startswith("transport ")
