"""The snapshot that holds in this process, and the thread that replaces it when the configuration changes."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.db import Error, connection

from mail import clock
from mail.configuration.generation import read_generation
from mail.configuration.snapshot import InvalidConfiguration, Snapshot, compile_snapshot

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5

Callback = Callable[[Snapshot], None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A generation that could not be compiled, and why."""

    generation: int
    reason: str


class Snapshots:
    """Gives the present snapshot without locks; a watcher compiles a new one when the generation changes."""

    def __init__(self, poll_seconds: float = POLL_SECONDS) -> None:
        self._poll_seconds = poll_seconds
        self._current: Snapshot | None = None
        self._refusal: Refusal | None = None
        self._callbacks: list[Callback] = []
        self._changed = threading.Condition(threading.RLock())
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._unreadable = False

    def current(self) -> Snapshot:
        """The snapshot in force. Reads the database only if nothing has before."""
        return self._current or self.refresh_now()

    @property
    def refusal(self) -> Refusal | None:
        """Why a newer configuration is not in force; None when the newest one seen is."""
        return self._refusal

    def on_change(self, callback: Callback) -> None:
        """Call back with each new snapshot, in the thread that compiled it; at once if there is one.

        What the callback raises is logged.
        """
        with self._changed:
            self._callbacks.append(callback)
            if self._current is not None:
                _call(callback, self._current)

    def start(self) -> Snapshot:
        """Compile the first snapshot and watch from now on. Raises InvalidConfiguration."""
        first = self.refresh_now()
        self.watch()
        return first

    def watch(self) -> None:
        """Watch from now on, also where there is no configuration that can be compiled yet."""
        if self._thread is None:
            self._stopping.clear()
            self._wake.set()
            self._thread = threading.Thread(target=self._watch, name="configuration", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the watcher and forget everything but the callbacks. `start` begins anew."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._changed:
            self._current = self._refusal = None

    def poke(self) -> None:
        """Let the watcher look now. From any thread; never waits."""
        self._wake.set()

    def refresh_now(self) -> Snapshot:
        """Look in this thread, and compile if something changed. Not for event loops.

        Raises InvalidConfiguration when there is no snapshot to stay with.
        """
        with self._changed:
            generation = read_generation()
            if not self._knows(generation):
                self._compile(generation)
            if self._current is None:
                reason = self._refusal.reason if self._refusal else "unknown"
                raise InvalidConfiguration(reason)
            return self._current

    def wait_for(self, generation: int, timeout: float) -> bool:
        """Wait until this generation or a later one is in force or refused, for at most `timeout` seconds."""
        deadline = clock.monotonic() + timeout
        self.poke()
        with self._changed:
            while not self._has_seen(generation):
                left = deadline - clock.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return self._has_seen(generation)
            return True

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._poll_seconds)
            self._wake.clear()
            try:
                if not self._stopping.is_set():
                    self._look()
            except Exception:
                log.exception("the configuration could not be read")
        connection.close()

    def _look(self) -> None:
        try:
            self.refresh_now()
            self._unreadable = False
        except InvalidConfiguration:
            self._unreadable = False  # compiling has said why
        except (Error, OSError) as error:
            if not self._unreadable:
                log.error("the database can't be read", extra={"fields": {"error": str(error)}})
            self._unreadable = True
            connection.close()

    def _knows(self, generation: int) -> bool:
        if self._refusal is not None:
            return self._refusal.generation == generation
        return self._current is not None and self._current.generation == generation

    def _has_seen(self, generation: int) -> bool:
        seen = self._current.generation if self._current else -1
        return max(seen, self._refusal.generation if self._refusal else -1) >= generation

    def _compile(self, generation: int) -> None:
        try:
            snapshot = compile_snapshot()
        except InvalidConfiguration as error:
            self._refusal = Refusal(generation, str(error))
            fields = {"generation": generation, "reason": str(error)}
            log.error("the configuration is refused, the one before stays", extra={"fields": fields})
        else:
            self._current, self._refusal = snapshot, None
            log.info("configuration loaded", extra={"fields": {"generation": snapshot.generation}})
            for callback in self._callbacks:
                _call(callback, snapshot)
        self._changed.notify_all()


def _call(callback: Callback, snapshot: Snapshot) -> None:
    try:
        callback(snapshot)
    except Exception:
        log.exception("a follower of the configuration failed")


_snapshots = Snapshots()


def snapshots() -> Snapshots:
    """The snapshots of this process. Long-lived programs `start` them; others use `refresh_now`."""
    return _snapshots
