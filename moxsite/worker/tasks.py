"""Celery tasks of the background worker."""

from celery import shared_task

from mail.periodic.runner import run_job
from mail.store.writer import writer


@shared_task(name="background.periodic")
def run_periodic(name: str, token: int) -> None:
    """Run a leased periodic job."""
    run_job(writer(), name, token)
