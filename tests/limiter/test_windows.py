"""What a window lets through, and what it says about when."""

from hypothesis import given
from hypothesis import strategies as st

from mail.limiter.window import Window

WINDOWS = st.builds(Window, st.integers(1, 10**6), st.integers(1, 50))
COUNTS = st.integers(0, 10**4)
MOMENTS = st.integers(10**9, 2 * 10**9)


@given(WINDOWS, COUNTS, COUNTS, MOMENTS)
def test_a_window_opens_at_the_first_moment_that_has_room(
    window: Window, current: int, previous: int, now: int
) -> None:
    def counts(moment: int) -> tuple[int, int]:
        """Both numbers as they are later, when nothing more has happened."""
        passed = (window.start(moment) - window.start(now)) // window.length
        return {0: (current, previous), 1: (0, current)}.get(passed, (0, 0))

    opens = window.opens(current, previous, now)
    assert opens >= now
    assert not window.is_full(*counts(opens), opens)
    if opens > now:
        assert window.is_full(current, previous, now)
        assert window.is_full(*counts(opens - 1), opens - 1)


@given(WINDOWS, st.lists(st.integers(0, 10**5), max_size=200))
def test_never_more_than_twice_the_limit_in_one_length(window: Window, pauses: list[int]) -> None:
    now, events, tallies = 10**9, [], dict[int, int]()
    for pause in pauses:
        now += pause
        start = window.start(now)
        both = tallies.get(start, 0), tallies.get(start - window.length, 0)
        if not window.is_full(*both, now):
            events.append(now)
            tallies[start] = both[0] + 1
    for moment in events:
        assert sum(moment <= each < moment + window.length for each in events) <= 2 * window.limit


@given(WINDOWS, MOMENTS)
def test_the_limit_itself_goes_through_at_once(window: Window, now: int) -> None:
    assert not window.is_full(window.limit - 1, 0, now)
    assert window.is_full(window.limit, 0, now)


@given(WINDOWS, COUNTS, COUNTS, MOMENTS)
def test_the_estimate_says_whether_it_is_full(window: Window, current: int, previous: int, now: int) -> None:
    estimate = window.estimate(current, previous, now)
    assert window.is_full(current, previous, now) == (estimate >= window.limit)
    assert current <= estimate <= current + previous
