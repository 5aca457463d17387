"""The garbage collector in processes that live long and handle much in small pieces."""

import gc
from typing import Final

THRESHOLDS: Final = (20_000, 20, 20)
"""Of gc.set_threshold; with Python's own, a fifteenth of the time for small messages is spent collecting."""


def calm_collector() -> None:
    """What was made so far stays, and messages leave no cycles: look seldom, and not at all of it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
