"""Which kinds of job this worker process is for."""

from enum import StrEnum


class Jobs(StrEnum):
    """A kind of job. It is also the name of the Celery queue its tasks go through."""

    DELIVERY = "delivery"
    BACKGROUND = "background"


_chosen: tuple[Jobs, ...] = tuple(Jobs)


def choose_jobs(jobs: tuple[Jobs, ...]) -> None:
    """Said once, before the worker starts. Without it a worker is for all jobs."""
    global _chosen
    _chosen = jobs


def chosen_jobs() -> tuple[Jobs, ...]:
    """The kinds of job that this process takes."""
    return _chosen
