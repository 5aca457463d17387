"""The thread that tells other processes what this one has counted, and learns what they have."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from mail import clock
from mail.guard.attempts import AttemptLog
from mail.guard.telling import TellOthers, read_counts
from mail.limiter.counts import Counts
from mail.store import readers
from mail.store.writer import writer

log = logging.getLogger(__name__)

SECONDS: Final = 3.0
"""Between two rounds."""

_AT_ONCE: Final = 500
_OVERLAP: Final = 30 * clock.SECOND
"""What changed so long before the last reading is read again: commits are not seen in their order, and the
clocks of several hosts differ."""


class Sharing:
    """What is counted survives the process, and each process knows within seconds what the others saw."""

    def __init__(self, counts: Counts, attempts: AttemptLog, seconds: float = SECONDS) -> None:
        self._counts = counts
        self._attempts = attempts
        self._seconds = seconds
        self._newest = 0
        self._stopping = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._work, name="limiter", daemon=True)

    def start(self) -> None:
        """Learn everything that counts still, then go on in the background. Waits for the database."""
        self._learn()
        self._thread.start()

    def stop(self) -> None:
        """Tell the rest and end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def round(self) -> None:
        """Tell, then learn. Raises what the database does."""
        while self._tell():
            pass
        self._learn()

    def _tell(self) -> bool:
        """Whether there may be more to tell."""
        counts = self._counts.begin_telling(clock.now(), _AT_ONCE)
        attempts = self._attempts.take()
        if not counts and not attempts:
            return False
        try:
            sums = writer().submit(TellOthers(tuple(counts.items()), tuple(attempts))).result()
        except BaseException:
            self._counts.not_told()
            self._attempts.put_back(attempts)
            raise
        self._counts.told(sums)
        return len(counts) == _AT_ONCE

    def _learn(self) -> None:
        since = max(self._newest - _OVERLAP, 0)
        sums, self._newest = readers.run(read_counts, since).result()
        self._counts.learn(sums)

    def _work(self) -> None:
        while not self._stopping.wait(self._seconds):
            self._try(self.round)
        self._try(self._tell)

    def _try(self, action: Callable[[], object]) -> None:
        try:
            action()
            self._failing = False
        except Exception as error:
            if not self._failing:
                log.error("the limiter can't be shared", extra={"fields": {"error": str(error)}})
            self._failing = True
