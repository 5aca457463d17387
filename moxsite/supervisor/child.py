"""One child of the supervisor, from start to start."""

import logging
import os
import signal
import subprocess

from mail import clock
from mail.process.lifeline import READY
from mail.process.listening import Sockets
from moxsite.supervisor.backoff import Backoff
from moxsite.supervisor.roles import Role
from moxsite.supervisor.spawn import Surroundings, start_command

log = logging.getLogger(__name__)


class Child:
    """A role and the process that plays it, if one does."""

    def __init__(self, role: Role, sockets: Sockets, surroundings: Surroundings) -> None:
        self.role = role
        self._sockets = {service: sockets[service] for service in role.services}
        self._surroundings = surroundings
        self._backoff = Backoff()
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self.is_ready = False
        self.readiness: int | None = None
        """The pipe to read, until the process has reported."""
        self.start_again: float | None = None
        """When to start it, on `clock.monotonic`; None while it runs or is not wanted."""
        self.kill_at: float | None = None
        """When to kill it because it does not stop, on `clock.monotonic`."""

    @property
    def pid(self) -> int | None:
        """The process's number; None while none runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process; if the system can't, try again later as if it had died."""
        self.start_again = None
        self.is_ready = False
        self._started = clock.monotonic()
        self.readiness, writing_end = os.pipe()
        try:
            self._process = start_command(
                self.role.command, self._sockets, self._surroundings, ready=writing_end
            )
        except OSError as error:
            self._note("can't be started", {"error": str(error)})
            self._plan_restart()
        else:
            log.debug("started", extra={"fields": {"role": self.role.name, "pid": self._process.pid}})
        finally:
            os.close(writing_end)

    def read_readiness(self) -> None:
        """Read what the process says; to be called when `readiness` can be read."""
        assert self.readiness is not None
        if os.read(self.readiness, 64) == READY:
            self.is_ready = True
            seconds = round(clock.monotonic() - self._started, 2)
            log.info("ready", extra={"fields": {"role": self.role.name, "pid": self.pid, "seconds": seconds}})
        self._close_readiness()

    def has_ended(self, status: int, *, restart: bool) -> None:
        """Take note that the process is gone. `status` is as Popen.returncode has it."""
        assert self._process is not None
        self._process.returncode = status
        fields = {"pid": self._process.pid, "status": _describe(status)}
        self._process = None
        self.kill_at = None
        self.is_ready = False
        if restart:
            self._note("ended", fields)
            self._plan_restart()
        else:
            log.info("stopped", extra={"fields": {"role": self.role.name, **fields}})
        self._close_readiness()

    def stop(self) -> None:
        """Ask the process to stop, and plan to kill it when it takes longer than its grace."""
        self.start_again = None
        if self.signal(signal.SIGTERM):
            self.kill_at = clock.monotonic() + self.role.grace_seconds

    def kill(self) -> None:
        """End the process and those that it started."""
        self.kill_at = None
        if self._process:
            log.error("killed, it did not stop", extra={"fields": {"role": self.role.name, "pid": self.pid}})
            os.killpg(self._process.pid, signal.SIGKILL)

    def signal(self, number: int) -> bool:
        """Send a signal; whether there is a process. It is ours until it is reaped, so never another's."""
        if self._process is None:
            return False
        os.kill(self._process.pid, number)
        return True

    def _plan_restart(self) -> None:
        delay = self._backoff.delay_after(clock.monotonic() - self._started)
        self.start_again = clock.monotonic() + delay
        fields = {"role": self.role.name, "seconds": delay, "deaths": self._backoff.quick_deaths}
        if self._backoff.keeps_dying:
            log.error("keeps dying, see its messages above; still tried", extra={"fields": fields})
        else:
            log.info("starts again", extra={"fields": fields})

    def _note(self, message: str, fields: dict[str, object]) -> None:
        log.error(message, extra={"fields": {"role": self.role.name, **fields}})

    def _close_readiness(self) -> None:
        if self.readiness is not None:
            os.close(self.readiness)
            self.readiness = None


def _describe(status: int) -> str:
    return f"exit {status}" if status >= 0 else signal.Signals(-status).name
