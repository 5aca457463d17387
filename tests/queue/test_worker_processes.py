import pytest

from delivery.models import QueuedRecipient
from mail import clock
from mail.models import PeriodicJob
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.submissions import queue_letter
from tests.world.waiting import wait_until
from tests.world.workers import (
    celery_worker,
    delivery_worker,
    missing_redis,
    move_clock_of_workers,
    redis_server,
)
from tests.world.world import World

pytestmark = pytest.mark.long


def delivered() -> int:
    return QueuedRecipient.objects.filter(state="delivered").count()


@pytest.fixture
def relay() -> SmtpPeer:
    return SmtpPeer(Ordinary())


def test_runworker_delivers_what_is_queued_and_what_comes(world: World, relay: SmtpPeer) -> None:
    with relay:
        world.relay_everything(relay.port)
        queue_letter(world, "a@remote.example")
        with delivery_worker(world):
            wait_until(lambda: delivered() == 1, "what was queued before is delivered")
            queue_letter(world, "b@remote.example", "c@other.example")
            wait_until(lambda: delivered() == 3, "what comes later is delivered")


def test_a_killed_worker_leaves_recipients_to_the_next_one(world: World, relay: SmtpPeer) -> None:
    with relay:
        world.relay_everything(relay.port)
        queue_letter(world, *[f"r{number}@d{number}.example" for number in range(10)])
        with delivery_worker(world) as worker:
            wait_until(lambda: delivered() > 0, "a first one is delivered")
            worker.kill()
        move_clock_of_workers(world, clock.HOUR)
        with delivery_worker(world):
            wait_until(lambda: delivered() == 10, "all are delivered")


@pytest.mark.external
@pytest.mark.only_database("postgresql")
def test_two_workers_share_the_queue_through_redis(world: World, relay: SmtpPeer) -> None:
    if missing_redis():
        pytest.skip("redis-server is not installed")
    with relay, redis_server(world.folder) as broker:
        world.relay_everything(relay.port)
        with celery_worker(world, broker, "one"), celery_worker(world, broker, "two") as two:
            for number in range(20):
                queue_letter(world, f"r{number}@d{number}.example")
            wait_until(lambda: delivered() == 20, "all are delivered")
            assert len(relay.messages) == 20
            two.kill()
            queue_letter(world, "last@remote.example")
            wait_until(lambda: delivered() == 21, "the other one goes on alone", 120)
            wait_until(lambda: PeriodicJob.objects.filter(last_finished__isnull=False).exists(), "jobs run")
