"""moxsite as its users run it: a process with an environment, whose lines can be waited for."""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from mail import clock
from mail.process.listening import PORTS
from tests.world.ports import free_offset

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 180.0
"""Seconds after which a test gives up; a machine under load is slow."""


def clean_environment(data: Path, **variables: str) -> dict[str, str]:
    """The environment without what the tests' own process has set for itself."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MOXSITE_", "DJANGO_", "DATABASE_URL", "CELERY_", "REDIS_"))
    }
    return {**kept, "MOXSITE_DATA": str(data), **variables}


def free_port_offset() -> int:
    """An offset with which none of the ports is taken on loopback."""
    return free_offset(PORTS.values())


def manage(arguments: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a management command to its end."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


class Program:
    """A running program. Standard output and error end up in one list of lines.

    `prefix` is a program that becomes this one, such as env or nsenter.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, prefix: Sequence[str] = ()
    ) -> None:
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [*prefix, sys.executable, *command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)

    def wait_for(self, *parts: str) -> str:
        """The next line that holds all the parts; fails with what was said instead."""
        deadline = clock.monotonic() + PATIENCE
        while True:
            try:
                line = self._new.get(timeout=max(0.0, deadline - clock.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"never said {parts}:\n" + "".join(self.lines))
            if all(part in line for part in parts):
                return line

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and return the exit status."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """The exit status, when the program and all who write to its output have ended."""
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive(), "a child still runs:\n" + "".join(self.lines)
        return status

    @property
    def text(self) -> str:
        """All it said so far."""
        return "".join(self.lines)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line)
                self._new.put(line)
        self._new.put(None)
