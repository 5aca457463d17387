"""What a worker process has for delivering: engine, attempts, and the dispatcher if it is the one."""

import logging
import os
import socket
import threading
from collections.abc import Callable

from django.conf import settings

from delivery.configuration.sections import Sending
from delivery.engine import Engine
from delivery.mtasts.fetch import PolicyFetcher
from delivery.mtasts.source import StoredPolicies
from delivery.queue.attempt import Attempts
from delivery.queue.choice import Chooser, Journey
from delivery.queue.dispatcher import Dispatcher
from delivery.queue.groups import Group, Hop
from delivery.queue.leases import LeasedRecipient
from delivery.queue.leasing import dispatcher_number
from delivery.queue.limits import DestinationLimits, destination_key, limits_of
from delivery.queue.notices import Notices
from delivery.queue.outcome import Outcomes
from delivery.queue.predecessors import FreeLeases, LivingWorker, dead_workers
from delivery.queue.roles import HEARTBEAT, Heartbeat
from delivery.queue.tasks import attempt_delivery, serve_attempts, serve_nothing
from delivery.queue.tryout import present_tryout
from delivery.queue.wake_topic import WAKE_TOPIC
from delivery.queue.waking import OtherHosts, wake_dispatchers
from delivery.queue.window import BrokerWindow, Slots, Window
from delivery.smtp.client.source import source_addresses
from delivery.tlsresults.recording import TlsResults
from delivery.transports.group import DeliveryContext
from mail import clock
from mail.configuration.snapshots import snapshots
from mail.process.collector import calm_collector
from mail.process.descriptors import allow_descriptors
from mail.store.writer import writer
from mail.wake import WakeListener

log = logging.getLogger(__name__)

SPARE_DESCRIPTORS = 1000
"""Beside two connections for each task."""

GRACE_SECONDS = 8.0
"""How long attempts may go on when the process stops. Others end as failed for now."""


class DeliveryProcess:
    """Started once in a worker process, after forking. `slots` is the number of its task threads."""

    def __init__(self, slots: int, *, own_broker: bool) -> None:
        self._engine = Engine(
            nameserver=settings.MOXSITE_RESOLVER,
            trusted_nameserver=settings.MOXSITE_RESOLVER is not None,
            ca_file=settings.MOXSITE_TLS_CA_FILE or None,
        )
        self._policies = StoredPolicies(writer(), PolicyFetcher(settings.MOXSITE_TLS_CA_FILE or None))
        self._chooser = Chooser()
        self._listener = WakeListener(settings.DATA / "run", WAKE_TOPIC)
        self._other_hosts = OtherHosts(self._listener.poke)
        self._slots = Slots(slots, self._listener.poke)
        self._broker_window = None if own_broker else BrokerWindow(writer(), worker_name())
        self._heart = None if own_broker else _Heart(slots)
        window: Window = self._broker_window or self._slots
        number = dispatcher_number()
        self._living = LivingWorker(settings.DATA / "run", number) if own_broker else None
        self._dispatcher = Dispatcher(
            writer(), window, _publish, self._next_hop, self._listener, self._limits, number
        )  # fmt: skip

    def start(self) -> None:
        """Ready for tasks, then dispatching."""
        allow_descriptors(2 * self._slots.count + SPARE_DESCRIPTORS)
        if self._living is not None:
            _free_leases_of_the_dead()
        snapshots().start()
        self._engine.start()
        attempts = Attempts(
            writer=writer(),
            engine=self._engine,
            snapshots=snapshots(),
            chooser=self._chooser,
            context=DeliveryContext(
                resolver=self._engine.resolver,
                trust=self._engine.trust,
                ehlo_name=settings.MOXSITE_HOSTNAME,
                remote_port=settings.MOXSITE_REMOTE_SMTP_PORT,
                source_ips=source_addresses(settings.MOXSITE_IPS),
                connections=self._engine.connections,
                policies=self._policies,
                report=TlsResults(writer()),
            ),
            outcomes=_outcomes(),
            wake=wake_dispatchers,
        )
        serve_attempts(attempts.run, self._task_begins, self._slots.release)
        if self._heart is not None:
            self._heart.start()
        self._other_hosts.start()
        calm_collector()
        self._dispatcher.start()

    def stop_dispatching(self) -> None:
        """Lease nothing more, and let running attempts end if they do so soon."""
        self._other_hosts.stop()
        self._dispatcher.stop()
        self._slots.wait_until_idle(GRACE_SECONDS)
        if self._broker_window is not None:
            self._broker_window.leave()

    def stop(self) -> None:
        """End what still runs."""
        if self._heart is not None:
            self._heart.stop()
        serve_nothing()
        self._engine.stop()
        if self._living is not None:
            self._living.end()
        self._listener.close()
        snapshots().stop()

    def _task_begins(self) -> None:
        """Under a broker another process may have published the group: the slot is taken only now."""
        if self._broker_window is not None:
            self._slots.took(1)

    def _next_hop(self, recipient: LeasedRecipient) -> Hop:
        journey = Journey(
            recipient.account_id, recipient.sender_domain, recipient.domain, recipient.attempts
        )  # fmt: skip
        choice = self._chooser.choose(snapshots().current(), journey, recipient.transport)
        return Hop(
            destination_key(choice.next_hop(recipient.domain)),
            choice.transport.kind.by_domain,
            limits_of(choice.transport.settings),
        )

    def _limits(self) -> dict[str, DestinationLimits]:
        transports = snapshots().current().section(Sending).transports.values()
        found = {transport.name: limits_of(transport.settings) for transport in transports}
        return {name: limits for name, limits in found.items() if limits}


class _Heart:
    """Reports this worker's slots to the dispatcher of a broker while it lives."""

    def __init__(self, slots: int) -> None:
        self._beat = Heartbeat(worker_name(), slots)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="heartbeat", daemon=True)

    def start(self) -> None:
        writer().submit(self._beat).result()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopping.wait(HEARTBEAT / clock.SECOND):
            writer().submit(self._beat)


def _outcomes() -> Outcomes:
    return Outcomes(Notices(settings.MOXSITE_HOSTNAME), present_tryout())


def _free_leases_of_the_dead() -> None:
    for number in dead_workers(settings.DATA / "run"):
        freed = writer().submit(FreeLeases(number)).result()
        log.info("leases of a dead worker ended", extra={"fields": {"recipients": freed}})


def worker_name() -> str:
    """This process among all workers."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _publish(group: Group) -> None:
    """Nobody reads what Celery writes of the arguments for people: left to itself it spells out every id."""
    publish: Callable[..., object] = attempt_delivery.apply_async
    publish(
        (group.ids, group.token),
        argsrepr=f"{len(group.ids)} recipients",
        kwargsrepr="",
        ignore_result=True,
    )
