"""How long a background worker that stops waits for the jobs that it runs."""

import logging
import os
import threading
from typing import Final

log = logging.getLogger(__name__)

STOP_SECONDS: Final = 10.0


def end_soon() -> None:
    """End this process after STOP_SECONDS, whatever still runs in it.

    A check of DNS or an order of a certificate may wait for others much longer than that. A job that is cut
    off is due again when its lease ends, as after any other death of the process.
    """
    thread = threading.Thread(target=_end, name="patience", daemon=True)
    thread.start()


def _end() -> None:
    threading.Event().wait(STOP_SECONDS)
    log.warning("jobs are cut off", extra={"fields": {"after_seconds": STOP_SECONDS}})
    logging.shutdown()
    os._exit(0)
