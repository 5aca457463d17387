"""The loop that leases due recipients and hands them out as tasks.

It owns no state that matters: rows that were leased and never attempted are due again when their lease
ends, whether a task, a broker or the whole process was lost.
"""

import logging
import threading
from collections.abc import Callable, Mapping

from delivery.queue.fitting import Fitting
from delivery.queue.groups import Group, NextHop
from delivery.queue.leases import EXPIRED_A_ROUND, ExpireOverdue, ReturnRecipients
from delivery.queue.leasing import Lease, LeaseDue, dispatcher_number
from delivery.queue.limits import DestinationLimits
from delivery.queue.window import Window
from mail import clock
from mail.store.writer import Writer, WriterStopped
from mail.wake import WakeListener

log = logging.getLogger(__name__)

PER_LANE = 100
"""Recipients of one lane that are leased at a time: a dead domain must not take every worker."""

MOST_A_ROUND = 200
Limits = Callable[[], Mapping[str, DestinationLimits]]
"""The limits of the transports that have any, by name, as the configuration is now."""

LONGEST_SLEEP = 1.0
"""Seconds. A wake-up that got lost costs no more than this."""

_PAUSE = 0.2
_EXPIRY_INTERVAL = 30.0


class Dispatcher:
    """Leases in rounds: when woken, when a slot becomes free, when the next recipient is due, each second."""

    def __init__(
        self,
        writer: Writer,
        window: Window,
        publish: Callable[[Group], None],
        next_hop: NextHop,
        listener: WakeListener,
        limits: Limits = dict,
        number: int | None = None,
    ) -> None:
        """`number` is from dispatcher_number, which is also the default."""
        self._writer = writer
        self._window = window
        self._publish = publish
        self._fitting = Fitting(writer, next_hop)
        self._limits = limits
        self._listener = listener
        self._after_lane = ""
        self._number = number or dispatcher_number()
        self._expired_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dispatcher", daemon=True)

    def start(self) -> None:
        """Begin dispatching in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Lease nothing more. What was handed out goes on."""
        self._stopping.set()
        self._listener.poke()
        self._thread.join()

    def round(self) -> Lease | None:
        """Lease once and publish what was leased. None when nothing may be leased now."""
        window = min(self._window.open(), MOST_A_ROUND)
        if window <= 0:
            return None
        due = LeaseDue(
            window, PER_LANE, self._after_lane, self._number, self._limits(), self._window.fence
        )  # fmt: skip
        lease: Lease = self._writer.submit(due).result()
        self._after_lane = lease.last_lane
        groups = self._fitting.groups_of(lease)
        self._window.took(len(groups))
        for group in groups:
            self._publish_or_return(group)
        return lease

    def _publish_or_return(self, group: Group) -> None:
        try:
            self._publish(group)
        except Exception:
            log.exception("a task could not be published", extra={"fields": {"recipients": len(group.ids)}})
            self._writer.submit(ReturnRecipients(group.ids, group.token)).result()
            self._window.took(-1)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                self._expire()
                seconds = self._seconds_to_sleep(self.round())
            except WriterStopped:
                return
            except Exception:
                log.exception("a dispatcher round failed")
                seconds = LONGEST_SLEEP
            if not self._stopping.is_set():
                self._listener.wait(seconds)

    def _seconds_to_sleep(self, lease: Lease | None) -> float:
        if lease is None:
            return LONGEST_SLEEP
        if lease.recipients:
            self._pause(lease)
            return 0.0
        if lease.next_due is None:
            return LONGEST_SLEEP
        return min(LONGEST_SLEEP, max(_PAUSE, (lease.next_due - lease.moment) / clock.SECOND))

    def _pause(self, lease: Lease) -> None:
        """Others may be due. A pause lets messages gather, so that groups form under load.

        Where more was due than there was room for, enough have gathered: they wait only until as many groups
        as now begin have ended.
        """
        if lease.cut:
            self._window.wait_for_as_many(_PAUSE)
        else:
            self._stopping.wait(_PAUSE)

    def _expire(self) -> None:
        if clock.monotonic() - self._expired_at < _EXPIRY_INTERVAL:
            return
        if self._writer.submit(ExpireOverdue()).result() < EXPIRED_A_ROUND:
            self._expired_at = clock.monotonic()
