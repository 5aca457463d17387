"""The thread that keeps the file of this process up to date."""

import atexit
import logging
import threading
from pathlib import Path

from mail.metrics.files import OwnFile
from mail.metrics.registry import metrics

log = logging.getLogger(__name__)

WRITE_SECONDS = 2.0
"""How old the values of another process may be; what was counted since is lost with a killed process."""


class Reporter:
    """Writes now and then, and a last time when it stops."""

    def __init__(self, folder: Path, role: str) -> None:
        self._file = OwnFile(folder, role)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="metrics", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.write()
        self._thread.start()

    def stop(self) -> None:
        """Write a last time."""
        self._stopping.set()
        self._thread.join()
        self.write()

    def write(self) -> None:
        """Write now. Without a place to write to the process works on."""
        try:
            self._file.write(list(metrics.values()))
        except OSError as error:
            log.warning("metrics can't be written", extra={"fields": {"reason": str(error)}})

    def _work(self) -> None:
        while not self._stopping.wait(WRITE_SECONDS):
            self.write()


def report_metrics(folder: Path, role: str) -> None:
    """Keep the values of this process in `folder` from now on until its end."""
    try:
        reporter = Reporter(folder, role)
    except OSError as error:
        log.warning("metrics can't be written", extra={"fields": {"reason": str(error)}})
        return
    reporter.start()
    atexit.register(reporter.stop)
