"""Counting in one process and in several."""

from hypothesis import given
from hypothesis import strategies as st

from mail.clock import HOUR, MINUTE
from mail.limiter.counts import Counts, Stretch
from mail.limiter.window import Window

NOW = 1_800_000_000 * 1_000_000
WINDOWS = (Window(MINUTE, 3), Window(HOUR, 10))


class Sums:
    """The rows of all processes."""

    def __init__(self) -> None:
        self.rows: dict[Stretch, int] = {}

    def merge(self, counts: Counts, now: int) -> None:
        news = counts.begin_telling(now)
        for stretch, delta in news.items():
            self.rows[stretch] = max(self.rows.get(stretch, 0) + delta, 0)
        counts.told({stretch: self.rows[stretch] for stretch in news})

    def spread(self, *processes: Counts, now: int = NOW) -> None:
        for counts in processes:
            self.merge(counts, now)
        for counts in processes:
            counts.learn(self.rows)


def add(counts: Counts, times: int, now: int = NOW) -> None:
    for _ in range(times):
        counts.add("login", "192.0.2.1", WINDOWS, now)


def opens(counts: Counts, now: int = NOW) -> int:
    return counts.opens("login", "192.0.2.1", WINDOWS, now)


def test_every_window_has_to_have_room() -> None:
    counts = Counts()
    add(counts, 2)
    assert opens(counts) == NOW
    add(counts, 1)
    assert NOW < opens(counts) <= NOW + 2 * MINUTE
    later = NOW + 2 * MINUTE
    assert opens(counts, later) == later
    for minute in range(2, 10, 2):
        add(counts, 2, NOW + minute * MINUTE)
    assert opens(counts, NOW + 12 * MINUTE) > NOW + 20 * MINUTE


def test_subjects_and_kinds_are_counted_apart() -> None:
    counts = Counts()
    add(counts, 3)
    assert counts.opens("login", "192.0.2.2", WINDOWS, NOW) == NOW
    assert counts.opens("messages", "192.0.2.1", WINDOWS, NOW) == NOW


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5 * MINUTE), st.booleans()), max_size=60))
def test_processes_that_tell_each_other_everything_count_as_one(
    events: list[tuple[int, int, bool]],
) -> None:
    alone, several, sums = Counts(), (Counts(), Counts(), Counts()), Sums()
    now = NOW
    for process, pause, resets in events:
        now += pause
        for counts in (alone, several[process]):
            if resets:
                counts.forget("login", "192.0.2.1", WINDOWS, now)
            else:
                add(counts, 1, now)
        sums.spread(*several, now=now)
        for counts in several:
            assert opens(counts, now) == opens(alone, now)


def test_what_could_not_be_told_is_told_the_next_time() -> None:
    counts = Counts()
    add(counts, 2)
    first = counts.begin_telling(NOW)
    add(counts, 1)
    counts.not_told()
    again = counts.begin_telling(NOW)
    assert dict.fromkeys(first, 3) == again
    counts.told(again)
    assert counts.begin_telling(NOW) == {}
    assert opens(counts) > NOW


def test_what_happens_while_telling_is_not_lost() -> None:
    counts, sums = Counts(), Sums()
    add(counts, 1)
    news = counts.begin_telling(NOW)
    add(counts, 1)
    counts.told(news)
    assert counts.estimate("login", "192.0.2.1", WINDOWS[0], NOW) == 2
    sums.rows = news
    sums.merge(counts, NOW)
    assert set(sums.rows.values()) == {2}


def test_a_process_that_starts_knows_what_was_told_before() -> None:
    first, sums = Counts(), Sums()
    add(first, 3)
    sums.merge(first, NOW)
    second = Counts()
    assert opens(second) == NOW
    second.learn(sums.rows)
    assert opens(second) == opens(first) > NOW


def test_memory_is_bounded_and_what_is_old_goes() -> None:
    counts = Counts(most=100)
    for number in range(1000):
        counts.add("login", f"192.0.2.{number}", WINDOWS, NOW)
    assert len(counts) == 100
    counts.begin_telling(NOW + 3 * HOUR)
    assert len(counts) == 0
