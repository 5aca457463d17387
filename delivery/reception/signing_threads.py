"""The threads that sign."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

from delivery.reception.completions import Completions

THREADS: Final = 2

_Job = tuple["asyncio.Future[bytes]", Callable[[], bytes]]


class SigningThreads:
    """Runs what makes signatures, for one event loop.

    RSA is a good part of what a submission costs, and lets go of the interpreter: another processor does it
    meanwhile. Who logs in, on the store's readers, waits for no signature and no signature for him.
    """

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._completions = Completions()
        self._threads: list[threading.Thread] = []

    def run(self, make: Callable[[], bytes]) -> "asyncio.Future[bytes]":
        """What `make` gives or raises on a thread."""
        if not self._threads:
            self._start()
        waiting = self._completions.expect()
        self._jobs.put((waiting, make))
        return waiting

    def close(self) -> None:
        """End the threads when everything is signed. A later `run` starts new ones."""
        threads, self._threads = self._threads, []
        for _ in threads:
            self._jobs.put(None)
        for thread in threads:
            thread.join()

    def _start(self) -> None:
        for number in range(THREADS):
            thread = threading.Thread(target=self._work, name=f"signing-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            waiting, make = job
            try:
                signed = make()
            except Exception as error:
                self._completions.settle(waiting, error=error)
            else:
                self._completions.settle(waiting, signed)
            del job, waiting, make  # nothing of a message is kept while there is no other
