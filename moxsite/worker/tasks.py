"""Celery tasks of the background worker."""

import threading

from celery import shared_task
from django.db import connection

from importer.jobs import work
from mail.periodic.runner import run_job
from mail.store.writer import writer


@shared_task(name="background.periodic")
def run_periodic(name: str, token: int) -> None:
    """Run a leased periodic job."""
    run_job(writer(), name, token)


imports_stop = threading.Event()
"""Set while the worker stops: imports that run are left to the next one."""


@shared_task(name="background.import")
def run_import(import_id: int, token: int) -> None:
    """Read or run a leased import."""
    try:
        work(import_id, token, writer(), imports_stop)
    finally:
        connection.close()
