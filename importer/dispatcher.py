"""The thread of a background worker that finds imports to read or run, and hands each to a task."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection

from importer.files import holder_died
from importer.models import Import, State
from importer.staging.lease import LeaseImport
from importer.wake_topic import WAKE_TOPIC
from mail.store.writer import Writer, WriterStopped
from mail.wake import WakeListener

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class ImportDispatcher:
    """Leases imports whose files are on this machine and publishes each as a task."""

    def __init__(self, writer: Writer, publish: Callable[[int, int], object]) -> None:
        self._writer = writer
        self._publish = publish
        self._ending = False
        self._listener = WakeListener(Path(settings.DATA) / "run", WAKE_TOPIC)
        self._thread = threading.Thread(target=self._work, name="import-dispatcher", daemon=True)

    def start(self) -> None:
        """Begin looking."""
        self._thread.start()

    def stop(self) -> None:
        """Publish nothing more."""
        self._ending = True
        self._listener.poke()
        self._thread.join()
        self._listener.close()

    def round(self) -> None:
        """Look once."""
        for row in Import.objects.filter(
            state__in=[State.SCANNING, State.RUNNING], by_command=False
        ).order_by("id"):
            if not Path(row.path).exists():
                continue  # on another machine
            died = holder_died(row.token)
            token = self._writer.submit(LeaseImport(row.pk, row.account_id, died)).result()
            if token:
                self._publish(row.pk, token)

    def _work(self) -> None:
        while not self._ending:
            try:
                self.round()
            except WriterStopped:
                break
            except Exception:
                log.exception("imports could not be found")
                connection.close()
            self._listener.wait(LOOK_SECONDS)
        connection.close()
