"""Telling the dispatcher that there is something to send."""

import asyncio
from pathlib import Path
from typing import Final

from delivery.queue.waking import wake_dispatchers
from mail.store import readers

_QUIET_SECONDS: Final = 0.05


class Wakeups:
    """Wakes at once, then at most once in a while: one look finds all that has come. For one event loop."""

    def __init__(self, run_folder: Path) -> None:
        self._folder = run_folder
        self._quiet: asyncio.TimerHandle | None = None
        self._wanted = False

    def poke(self) -> None:
        """Wake whoever dispatches mail, on a thread."""
        if self._quiet is not None:
            self._wanted = True
            return
        self._quiet = asyncio.get_running_loop().call_later(_QUIET_SECONDS, self._quiet_over)
        readers.run(wake_dispatchers, self._folder)

    def _quiet_over(self) -> None:
        self._quiet = None
        if self._wanted:
            self._wanted = False
            self.poke()
