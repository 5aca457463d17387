"""How many more recipients a dispatcher may lease now."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from delivery.queue.roles import DISPATCHER_ROLE, Capacity, HoldRole, LeaveRole
from mail.store.writer import Writer


class Window(Protocol):
    """What limits a dispatcher."""

    @property
    def fence(self) -> int:
        """The token of the role in which it may lease, as of the last `open`; 0 when no role is needed."""
        ...

    def open(self) -> int:
        """Recipients that may be leased now; 0 while this process is not the dispatcher."""
        ...

    def took(self, groups: int) -> None:
        """So many groups were published."""
        ...

    def wait_for_as_many(self, seconds: float) -> None:
        """Wait until as many groups have ended as were last published, for at most `seconds`."""
        ...


class Slots:
    """The task slots of this process, for a dispatcher that serves its own process alone."""

    fence = 0

    def __init__(self, count: int, on_release: Callable[[], None]) -> None:
        self.count = count
        self._used = 0
        self._ended = 0
        self._awaited = 0
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._on_release = on_release

    def open(self) -> int:
        with self._lock:
            return max(0, self.count - self._used)

    def took(self, groups: int) -> None:
        with self._lock:
            self._used += groups
            if groups >= 0:  # less than nothing is taken back, and is awaited in vain
                self._awaited = self._ended + max(1, groups)
            self._changed.notify_all()

    def release(self) -> None:
        """A group's task has ended."""
        with self._lock:
            self._used -= 1
            self._ended += 1
            self._changed.notify_all()
        self._on_release()

    def wait_for_as_many(self, seconds: float) -> None:
        with self._lock:
            self._changed.wait_for(lambda: self._ended >= self._awaited, seconds)

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until no task runs, for at most `seconds`. Whether that came about."""
        with self._lock:
            return self._changed.wait_for(lambda: self._used <= 0, seconds)


class BrokerWindow:
    """The slots of all live workers less what is leased, for the process that holds the dispatcher role."""

    def __init__(self, writer: Writer, holder: str) -> None:
        self._writer = writer
        self._holder = holder
        self.fence = 0

    def open(self) -> int:
        token: int | None = self._writer.submit(HoldRole(DISPATCHER_ROLE, self._holder)).result()
        if token is None:
            return 0
        self.fence = token
        return int(self._writer.submit(Capacity()).result())

    def took(self, groups: int) -> None:
        """Nothing to note: the leases in the database say it."""

    def wait_for_as_many(self, seconds: float) -> None:
        """Other processes do not say when their groups end."""
        time.sleep(seconds)

    def leave(self) -> None:
        """Let another process dispatch at once."""
        self._writer.submit(LeaveRole(DISPATCHER_ROLE, self._holder)).result()
