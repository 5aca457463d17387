"""The loop that keeps the children running until it is told to stop."""

import logging
import os
import selectors
import signal
from collections.abc import Callable, Sequence

from mail import clock
from mail.process.listening import Sockets
from moxsite.supervisor.child import Child
from moxsite.supervisor.roles import Role
from moxsite.supervisor.signals import SignalPipe
from moxsite.supervisor.spawn import Surroundings

log = logging.getLogger(__name__)

SLOW_START_SECONDS = 60.0
IMPATIENCE_SECONDS = 1.0
"""A second signal to stop kills; an earlier one is the same, sent to a process group and to us."""


class Supervisor:
    """Starts the children in the order of the roles and stops them stage by stage.

    `when_ready` is called once, when every child has reported that it serves. SIGTERM and SIGINT stop,
    a second one kills what is left. SIGHUP is passed on, so that children reload; with `hangup_stops`
    it stops too, because a terminal that is closed sends it.
    """

    def __init__(
        self,
        roles: Sequence[Role],
        sockets: Sockets,
        surroundings: Surroundings,
        *,
        when_ready: Callable[[], None],
        hangup_stops: bool = False,
    ) -> None:
        self._children = [Child(role, sockets, surroundings) for role in roles]
        self._when_ready = when_ready
        self._was_ready = False
        self._slow_at = clock.monotonic() + SLOW_START_SECONDS
        self._stop_signals = {signal.SIGTERM, signal.SIGINT} | ({signal.SIGHUP} if hangup_stops else set())
        self._stopping_since: float | None = None
        self._killed = False

    def run(self) -> int:
        """Serve until a signal stops it. Returns 0, or 1 when a child had to be killed."""
        with SignalPipe((signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)) as signals:
            for child in self._children:
                child.start()
            while self._stopping_since is None:
                self._wait(signals)
            self._stop_stages(signals)
        return 1 if self._killed else 0

    def _stop_stages(self, signals: SignalPipe) -> None:
        log.info("stopping")
        for child in self._children:
            child.start_again = None
        for stage in sorted({child.role.stop_stage for child in self._children}):
            members = [child for child in self._children if child.role.stop_stage == stage]
            for child in members:
                child.stop()
            while any(child.pid for child in members):
                self._wait(signals)
        log.info("stopped")

    def _wait(self, signals: SignalPipe) -> None:
        """Wait until something happens, and act on it."""
        with selectors.DefaultSelector() as selector:
            selector.register(signals.reading_end, selectors.EVENT_READ)
            for child in self._children:
                if child.readiness is not None:
                    selector.register(child.readiness, selectors.EVENT_READ, child)
            events = selector.select(self._timeout())
        for key, _ in events:
            if key.data is not None:
                key.data.read_readiness()
        self._handle_signals(signals.collected())
        self._reap()
        self._meet_deadlines()
        self._report_readiness()

    def _timeout(self) -> float | None:
        moments = [
            moment
            for child in self._children
            for moment in (child.start_again, child.kill_at)
            if moment is not None
        ]
        if not self._was_ready and self._stopping_since is None:
            moments.append(self._slow_at)
        return max(0.0, min(moments) - clock.monotonic()) if moments else None

    def _handle_signals(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            if number in self._stop_signals:
                self._stop_or_kill()
            elif number == signal.SIGHUP:
                log.info("reloading")
                for child in self._children:
                    if child.is_ready:  # an earlier one reads everything anew anyway
                        child.signal(signal.SIGHUP)

    def _reap(self) -> None:
        """Collect all ended processes: as first process of a container we also get those of others."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for child in self._children:
                if child.pid == pid:
                    child.has_ended(os.waitstatus_to_exitcode(status), restart=self._stopping_since is None)

    def _meet_deadlines(self) -> None:
        now = clock.monotonic()
        for child in self._children:
            if child.kill_at is not None and child.kill_at <= now:
                self._killed = True
                child.kill()
            if child.start_again is not None and child.start_again <= now:
                child.start()

    def _stop_or_kill(self) -> None:
        if self._stopping_since is None:
            self._stopping_since = clock.monotonic()
        if clock.monotonic() - self._stopping_since < IMPATIENCE_SECONDS:
            return
        for child in self._children:
            if child.pid:
                self._killed = True
                child.kill()

    def _report_readiness(self) -> None:
        if self._was_ready or self._stopping_since is not None:
            return
        if all(child.is_ready for child in self._children):
            self._was_ready = True
            self._when_ready()
        elif clock.monotonic() >= self._slow_at:
            waiting = [child.role.name for child in self._children if not child.is_ready]
            log.warning("not ready yet", extra={"fields": {"roles": " ".join(waiting)}})
            self._slow_at = clock.monotonic() + SLOW_START_SECONDS
