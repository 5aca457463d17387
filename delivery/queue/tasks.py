"""The Celery task: one attempt for one leased group."""

import logging
from collections.abc import Callable, Sequence

from celery import shared_task

log = logging.getLogger(__name__)

Attempt = Callable[[Sequence[int], int], None]


def _nothing() -> None:
    """What happens around tasks in a process that has said nothing else."""


_attempt: Attempt | None = None
_before: Callable[[], None] = _nothing
_after: Callable[[], None] = _nothing


def serve_attempts(attempt: Attempt, before: Callable[[], None], after: Callable[[], None]) -> None:
    """Say what a task does in this process, and what is called around each."""
    global _attempt, _before, _after
    _attempt, _before, _after = attempt, before, after


def serve_nothing() -> None:
    """From now on tasks do nothing: the process is ending."""
    global _attempt, _before, _after
    _attempt, _before, _after = None, _nothing, _nothing


@shared_task(name="delivery.attempt")
def attempt_delivery(ids: list[int], token: int) -> None:
    """Attempt to deliver to the leased recipients.

    Whatever goes wrong is logged and otherwise left: the lease ends, and the recipients are due again.
    """
    _before()
    try:
        if _attempt is None:
            raise RuntimeError("this worker does not deliver")
        _attempt(ids, token)
    except Exception:
        log.exception("an attempt failed", extra={"fields": {"recipients": len(ids)}})
    finally:
        _after()
