"""Keeping Celery from setting logging up by itself."""

from typing import Any

from celery import signals

from moxsite.logs.output import start_logging


def keep_own_logging() -> None:
    """Use our log lines in workers. To be called where the Celery application is made."""
    signals.setup_logging.connect(_start, weak=False, dispatch_uid="moxsite.logs")


def _start(**_arguments: Any) -> None:
    start_logging()
