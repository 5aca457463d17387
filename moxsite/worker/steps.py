"""Celery bootsteps: parts of a worker process that start once its pool runs and stop before it."""

from typing import Any

from celery import bootsteps
from django.conf import settings

from delivery.queue.process import DeliveryProcess
from importer.dispatcher import ImportDispatcher
from mail.configuration.snapshots import snapshots
from mail.periodic.runner import JobDispatcher
from mail.process.collector import calm_collector
from mail.process.lifeline import report_ready
from mail.store.readers import stop_readers
from mail.store.writer import writer
from moxsite.history.keeping import keep_versions
from moxsite.worker.jobs import Jobs, chosen_jobs
from moxsite.worker.patience import end_soon
from moxsite.worker.tasks import imports_stop, run_import, run_periodic

POOL = "celery.worker.components:Pool"


class ClosingStep(bootsteps.StartStopStep):
    """Ends the reader threads last of all."""

    requires = (POOL,)

    def stop(self, worker: Any) -> None:
        stop_readers()


class DeliveryStep(bootsteps.StartStopStep):
    """Delivers mail: the engine, and the dispatcher of due recipients."""

    requires = (POOL, ClosingStep)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._process: DeliveryProcess | None = None

    def include_if(self, worker: Any) -> bool:
        return Jobs.DELIVERY in chosen_jobs()

    def start(self, worker: Any) -> None:
        own_broker = settings.CELERY_BROKER_URL.startswith("memory:")
        self._process = DeliveryProcess(worker.concurrency, own_broker=own_broker)
        self._process.start()
        report_ready()

    def close(self, worker: Any) -> None:
        if self._process is not None:
            self._process.stop_dispatching()

    def stop(self, worker: Any) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None


class BackgroundStep(bootsteps.StartStopStep):
    """Runs what comes round again, and imports."""

    requires = (POOL, ClosingStep)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._dispatcher: JobDispatcher | None = None
        self._imports: ImportDispatcher | None = None

    def include_if(self, worker: Any) -> bool:
        return Jobs.BACKGROUND in chosen_jobs()

    def start(self, worker: Any) -> None:
        keep_versions()
        snapshots().watch()
        self._dispatcher = JobDispatcher(writer(), run_periodic.delay)
        self._dispatcher.start()
        imports_stop.clear()
        self._imports = ImportDispatcher(writer(), run_import.delay)
        self._imports.start()
        calm_collector()
        report_ready()

    def close(self, worker: Any) -> None:
        if chosen_jobs() == (Jobs.BACKGROUND,):
            end_soon()
        if self._dispatcher is not None:
            self._dispatcher.stop()
            self._dispatcher = None
        if self._imports is not None:
            imports_stop.set()
            self._imports.stop()
            self._imports = None
            snapshots().stop()
