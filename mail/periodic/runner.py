"""The thread of a background worker that looks which periodic jobs are due, and runs what it is given."""

import logging
import threading
from collections.abc import Callable

from mail.periodic.leases import FinishJob, LeaseJobs
from mail.periodic.registry import jobs
from mail.store.writer import Writer, WriterStopped

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


class JobDispatcher:
    """Leases due jobs and publishes each as a task."""

    def __init__(self, writer: Writer, publish: Callable[[str, int], object]) -> None:
        self._writer = writer
        self._publish = publish
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="job-dispatcher", daemon=True)

    def start(self) -> None:
        """Begin looking."""
        self._thread.start()

    def stop(self) -> None:
        """Publish nothing more."""
        self._stopping.set()
        self._thread.join()

    def round(self) -> None:
        """Look once."""
        wanted = tuple((job.name, job.interval) for job in jobs().values())
        for name, token in self._writer.submit(LeaseJobs(wanted)).result():
            self._publish(name, token)

    def _work(self) -> None:
        while True:
            try:
                self.round()
            except WriterStopped:
                return
            except Exception:
                log.exception("due jobs could not be found")
            if self._stopping.wait(LOOK_SECONDS):
                return


def run_job(writer: Writer, name: str, token: int) -> None:
    """Run a leased job. What it raises is logged and noted with the job."""
    error = ""
    try:
        jobs()[name].run()
    except Exception as failure:
        log.exception("a periodic job failed", extra={"fields": {"job": name}})
        error = f"{type(failure).__name__}: {failure}"
    writer.submit(FinishJob(name, token, error)).result()
