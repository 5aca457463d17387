import threading

import pytest

from delivery.models import DestinationSlot, QueuedRecipient, Route, Transport
from tests.world.smtp_peer import Ordinary, PeerSession, SmtpPeer
from tests.world.submissions import queue_letter
from tests.world.waiting import wait_until
from tests.world.workers import delivery_worker
from tests.world.world import World

pytestmark = pytest.mark.long


class Counting(Ordinary):
    """Counts the messages that are being taken at the same time, each for a moment."""

    lock = threading.Lock()
    now = most = 0

    def _take_message(self, peer: PeerSession, accepted: int) -> None:
        with self.lock:
            Counting.now += 1
            Counting.most = max(Counting.most, Counting.now)
        threading.Event().wait(0.01)
        super()._take_message(peer, accepted)
        with self.lock:
            Counting.now -= 1


@pytest.mark.only_database("sqlite")
def test_a_worker_keeps_to_the_connections_of_a_relay_and_delivers_all(world: World) -> None:
    with SmtpPeer(Counting()) as server:
        settings = {"hosts": [f"localhost:{server.port}"], "no_starttls": True, "max_connections": 2}
        relay = Transport(name="relay", kind="smtp", settings=settings)
        relay.save()
        Route(transport=relay).save()
        for number in range(150):
            queue_letter(world, f"x@d{number}.example")
        with delivery_worker(world):
            wait_until(
                lambda: QueuedRecipient.objects.filter(state="delivered").count() == 150, "all is delivered"
            )
            wait_until(lambda: not DestinationSlot.objects.exists(), "no connection is counted any more")
    assert Counting.most == 2
    assert set(QueuedRecipient.objects.values_list("attempts", flat=True)) == {1}
