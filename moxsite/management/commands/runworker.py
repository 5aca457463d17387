"""manage.py runworker"""

import os
import signal
import sys
from types import FrameType
from typing import Any

from celery.worker import state
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from mail.configuration.generation import read_generation
from mail.metrics.reporting import report_metrics
from mail.store.writer import stop_writer
from moxsite.logs.output import log_uncaught_exceptions
from moxsite.process import embed_broker
from moxsite.worker.jobs import Jobs, choose_jobs
from moxsite.worker.queues import declare_queues

BACKGROUND_THREADS = 4


class Command(BaseCommand):
    help = "Delivers mail and does what comes round again. serve starts one for each kind of job."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--jobs",
            choices=[kind.value for kind in Jobs],
            help="take only jobs of this kind (default: all)",
        )
        parser.add_argument("--threads", type=int, default=0, help="how many jobs at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        log_uncaught_exceptions()
        # Asked now, a database that can't be used is explained; to the worker it is an error like any other.
        read_generation()
        connection.close()
        embed_broker()
        jobs = (Jobs(options["jobs"]),) if options["jobs"] else tuple(Jobs)
        choose_jobs(jobs)
        report_metrics(settings.DATA / "run" / "metrics", options["jobs"] or "worker")
        # Only now: importing the application starts nothing, but it settles the broker.
        from moxsite.celery import BROKER_IN_MEMORY, THREADS, app

        threads = options["threads"] or (THREADS if Jobs.DELIVERY in jobs else BACKGROUND_THREADS)
        worker = app.WorkController(
            concurrency=threads,
            queues=[kind.value for kind in jobs],
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )

        if BROKER_IN_MEMORY:
            declare_queues(app, [kind.value for kind in jobs])

        def stop(number: int, frame: FrameType | None) -> None:
            setattr(state, "should_stop", os.EX_OK)  # noqa: B010 - the consumer's loop looks at it

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        try:
            worker.start()
        finally:
            stop_writer()
        if worker.exitcode:
            sys.exit(worker.exitcode)
