"""When delivery is tried again."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.queue.schedule import (
    DEFAULT_MAXIMUM_ATTEMPTS,
    FIRST_DELAY,
    JITTER,
    LONGEST_DELAY,
    delay_notice_due,
    next_attempt_delay,
    remaining_delays,
)
from mail.clock import HOUR, MINUTE


def test_a_message_has_these_ages_in_minutes_at_its_eight_attempts() -> None:
    ages = itertools.accumulate(next_attempt_delay(made) or 0 for made in range(DEFAULT_MAXIMUM_ATTEMPTS))
    assert [age / MINUTE for age in ages] == [0, 7.5, 22.5, 52.5, 112.5, 232.5, 472.5, 952.5]


@pytest.mark.parametrize(("made", "maximum"), [(8, 8), (9, 8), (5, 5), (1, 1), (0, 0)])
def test_after_the_last_attempt_delivery_is_given_up(made: int, maximum: int) -> None:
    assert next_attempt_delay(made, maximum) is None
    assert remaining_delays(made, maximum) == ()


def test_after_the_fifth_attempt_it_is_tried_again_after_two_four_and_eight_hours() -> None:
    assert remaining_delays(5) == (2 * HOUR, 4 * HOUR, 8 * HOUR)


@given(st.integers(0, 40), st.integers(0, 40))
def test_notifications_promise_what_the_schedule_does(made: int, maximum: int) -> None:
    steps = []
    while (delay := next_attempt_delay(made, maximum)) is not None:
        steps.append(delay)
        made += 1
    assert remaining_delays(made - len(steps), maximum) == tuple(steps)


@pytest.mark.parametrize(
    ("made", "maximum", "due"), [(4, 8, False), (5, 8, True), (6, 8, False), (5, 5, False), (5, 6, True)]
)
def test_the_sender_hears_of_a_delay_after_the_fifth_attempt_unless_it_is_the_last(
    made: int, maximum: int, due: bool
) -> None:
    assert delay_notice_due(made, maximum) is due


def test_delays_stop_growing_at_a_day() -> None:
    assert next_attempt_delay(30, 100) == LONGEST_DELAY
    assert next_attempt_delay(10**9, 10**10) == LONGEST_DELAY


def test_the_first_attempt_is_made_at_once_whatever_the_seed() -> None:
    assert next_attempt_delay(0, seed=12345) == 0


@given(st.integers(0, 2**63 - 1), st.integers(1, 7))
def test_a_seed_shifts_a_delay_by_at_most_its_share(seed: int, made: int) -> None:
    plain, shifted = next_attempt_delay(made), next_attempt_delay(made, seed=seed)
    assert plain is not None
    assert shifted is not None
    assert abs(shifted - plain) <= JITTER * plain // FIRST_DELAY
    assert shifted == next_attempt_delay(made, seed=seed)


def test_consecutive_seeds_spread_over_the_whole_range() -> None:
    delays = sorted(next_attempt_delay(1, seed=seed) or 0 for seed in range(1000))
    gaps = [later - earlier for earlier, later in itertools.pairwise(delays)]
    assert delays[-1] - delays[0] > 1.99 * JITTER
    assert max(gaps) < 2 * JITTER / 300
