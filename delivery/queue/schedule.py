"""When a message that could not be delivered is tried again.

Everything about retries, also the texts of delivery status notifications, comes from `delay_after`.
"""

from functools import lru_cache
from typing import Final

from mail.clock import DAY, MINUTE, SECOND

DEFAULT_MAXIMUM_ATTEMPTS: Final = 8
FIRST_DELAY: Final = 7 * MINUTE + 30 * SECOND
LONGEST_DELAY: Final = DAY
JITTER: Final = 5 * SECOND
"""By how much the first delay is at most shorter or longer; later ones double it like the delay."""

DELAY_NOTICE_AFTER: Final = 5
"""The attempt whose temporary failure is told to the sender."""

_GOLDEN: Final = 0x9E3779B97F4A7C15  # 2^64 / golden ratio: spreads consecutive numbers evenly


def delay_after(attempts_made: int) -> int:
    """Microseconds between an attempt and the next: none before the first, then 7.5 minutes, doubling.

    At most LONGEST_DELAY, which the default number of attempts never reaches.
    """
    if attempts_made < 1:
        return 0
    # Beyond 2^16 the longest delay is long reached; a huge number must not build a huge integer.
    doublings = min(attempts_made - 1, 16)
    return min(FIRST_DELAY << doublings, LONGEST_DELAY)


def next_attempt_delay(
    attempts_made: int, maximum: int = DEFAULT_MAXIMUM_ATTEMPTS, *, seed: int | None = None
) -> int | None:
    """Microseconds until the next attempt after `attempts_made`; None: give up, all were made.

    With a seed, such as the id of the message, the delay is shifted by that seed's share of the jitter, so
    that messages queued at once drift apart while the recipients of one message stay together.
    """
    if attempts_made >= maximum:
        return None
    delay = delay_after(attempts_made)
    if seed is None:
        return delay
    return delay + delay * _shift(seed) // FIRST_DELAY


@lru_cache(maxsize=100)
def remaining_delays(attempts_made: int, maximum: int = DEFAULT_MAXIMUM_ATTEMPTS) -> tuple[int, ...]:
    """The delay before each further attempt after `attempts_made`, in microseconds.

    For delivery status notifications: their sum after the last attempt is Will-Retry-Until (RFC 3464
    section 2.3.9).
    """
    return tuple(delay_after(attempt) for attempt in range(attempts_made, maximum))


def delay_notice_due(attempts_made: int, maximum: int = DEFAULT_MAXIMUM_ATTEMPTS) -> bool:
    """Whether the sender is told of the delay after this attempt failed: the fifth, if others follow."""
    return attempts_made == DELAY_NOTICE_AFTER and attempts_made < maximum


def _shift(seed: int) -> int:
    """Microseconds from -JITTER up to, not including, +JITTER; always the same for a seed."""
    return (((seed * _GOLDEN) % 2**64) * 2 * JITTER >> 64) - JITTER
