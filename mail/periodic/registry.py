"""The jobs that come round again, as the apps register them."""

from collections.abc import Callable
from dataclasses import dataclass

from mail import clock


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job, how often it is wanted (microseconds), and what it does, in a worker thread."""

    name: str
    interval: int
    run: Callable[[], None]


jobs: dict[str, Periodic] = {}


def every(minutes: float, name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register the decorated function as a periodic job."""

    def register(run: Callable[[], None]) -> Callable[[], None]:
        jobs[name] = Periodic(name, round(minutes * clock.MINUTE), run)
        return run

    return register
