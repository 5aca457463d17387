"""Attempts against servers on loopback, without Celery: lease, group, attempt, in this thread."""

from collections.abc import Iterator
from contextlib import contextmanager

from delivery.engine import Engine
from delivery.queue.attempt import Attempts
from delivery.queue.choice import Chooser
from delivery.queue.groups import Hop, group_recipients
from delivery.queue.leasing import LeaseDue
from delivery.queue.notices import Notices
from delivery.queue.outcome import Outcomes
from delivery.queue.tryout import Tryout
from delivery.smtp.client.timeouts import Timeouts
from delivery.transports.group import DeliveryContext
from mail.configuration.snapshots import snapshots
from tests.world.dns import FakeDns
from tests.world.world import World


class Deliverer:
    """A worker process without its broker."""

    def __init__(self, world: World, attempts: Attempts) -> None:
        self._world = world
        self.attempts = attempts

    def deliver_due(self) -> int:
        """One round: attempt everything that is due now. How many recipients were leased."""
        snapshots().refresh_now()
        lease = self._world.writer.submit(LeaseDue(200, 100, "", 1)).result()
        for group in group_recipients(lease.recipients, lambda recipient: Hop(recipient.domain)):
            self.attempts.run(group.ids, group.token)
        return len(lease.recipients)


@contextmanager
def deliverer(
    world: World, dns: FakeDns | None = None, *, smtp_port: int = 25, tryout: Tryout | None = None
) -> Iterator[Deliverer]:
    """Delivers with routes as configured; servers are found through `dns`, at `smtp_port`."""
    with Engine(nameserver=dns.address if dns else ("127.0.0.1", 9)) as engine:
        context = DeliveryContext(
            resolver=engine.resolver,
            trust=engine.trust,
            ehlo_name="mail.example.org",
            remote_port=smtp_port,
            timeouts=Timeouts(connect=5.0),
        )
        attempts = Attempts(
            writer=world.writer,
            engine=engine,
            snapshots=snapshots(),
            chooser=Chooser(),
            context=context,
            outcomes=Outcomes(Notices("mail.example.org"), tryout),
        )
        try:
            yield Deliverer(world, attempts)
        finally:
            snapshots().stop()
