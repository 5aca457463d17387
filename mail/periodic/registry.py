"""The jobs that come round again, as the apps register them.

The modules with jobs are imported when somebody asks for the jobs: of all processes only a background
worker does, and the others start faster without what the jobs need.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from mail import clock


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job, how often it is wanted (microseconds), and what it does, in a worker thread."""

    name: str
    interval: int
    run: Callable[[], None]


_jobs: dict[str, Periodic] = {}
_modules: list[str] = []
_loading = threading.Lock()


def every(minutes: float, name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register the decorated function as a periodic job."""

    def register(run: Callable[[], None]) -> Callable[[], None]:
        _jobs[name] = Periodic(name, round(minutes * clock.MINUTE), run)
        return run

    return register


def jobs_in(*modules: str) -> None:
    """Tell which modules register jobs. Called when the apps are ready."""
    _modules.extend(modules)


def jobs() -> Mapping[str, Periodic]:
    """All jobs by name."""
    with _loading:
        while _modules:
            import_module(_modules[0])
            _modules.pop(0)
    return _jobs
