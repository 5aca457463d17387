"""Signals as bytes in a pipe, so that one loop can wait for them and for everything else."""

import contextlib
import os
import signal
from collections.abc import Iterable
from types import TracebackType
from typing import Self


class SignalPipe:
    """Inside a with block, the signals are collected instead of doing what they do by default."""

    def __init__(self, numbers: Iterable[signal.Signals]) -> None:
        self._numbers = tuple(numbers)

    def __enter__(self) -> Self:
        self.reading_end, self._writing_end = os.pipe()
        os.set_blocking(self.reading_end, False)
        os.set_blocking(self._writing_end, False)
        self._earlier_wakeup = signal.set_wakeup_fd(self._writing_end, warn_on_full_buffer=False)
        self._earlier = {number: signal.signal(number, lambda *_: None) for number in self._numbers}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._earlier_wakeup)
        os.close(self.reading_end)
        os.close(self._writing_end)

    def collected(self) -> list[int]:
        """The signals that arrived since the last call, in their order."""
        numbers = b""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self.reading_end, 512):
                numbers += part
        return list(numbers)
