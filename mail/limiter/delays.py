"""How long a refusal is kept back."""

from typing import Final

_FIRST: Final = 0.2
_LONGEST: Final = 5.0
_FREE_RECIPIENTS: Final = 2
_FIRST_RECIPIENT: Final = 0.25
_LONGEST_RECIPIENT: Final = 8.0


def after_failures(failures: int) -> float:
    """Seconds before it is told that a log-in failed, when it is the one with this number."""
    return min(_FIRST * 2.0 ** (min(max(failures, 1), 30) - 1), _LONGEST)


def after_unknown_recipients(count: int) -> float:
    """Seconds before it is told that a recipient does not exist, when so many of a session did not.

    The first ones cost nothing: old address books have them.
    """
    excess = count - _FREE_RECIPIENTS
    return min(_FIRST_RECIPIENT * 2.0 ** (min(excess, 30) - 1), _LONGEST_RECIPIENT) if excess > 0 else 0.0
