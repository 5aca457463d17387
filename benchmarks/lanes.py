"""The dispatcher's round beside 50 000 recipients: of one dead domain, of as many domains, held, waiting."""

import statistics
import time
from collections.abc import Callable

from django.db import connection

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, row
from delivery.models import QueuedRecipient, State
from delivery.queue.destinations import AdmitGroup
from delivery.queue.dispatcher import MOST_A_ROUND, PER_LANE
from delivery.queue.leasing import LeaseDue
from delivery.queue.limits import DestinationLimits
from mail import clock
from mail.store.writer import writer
from tests.world.submissions import submission
from tests.world.world import World

WAITING = 50_000
A_MESSAGE = 500
ROUNDS = 30
SLOTS = 1200
LIMITS = {"relay": DestinationLimits(connections=1)}


def _one_domain(number: int) -> str:
    return f"r{number}@dead.example"


def _many_domains(number: int) -> str:
    return f"r@d{number}.example"


def _as_queued() -> None:
    """All are due."""


def _retried_later() -> None:
    QueuedRecipient.objects.update(due=clock.now() + clock.HOUR)


def _most_retried_later() -> None:
    """Many domains in which nothing is due, and too much is due to be looked at one by one."""
    last = QueuedRecipient.objects.order_by("lane")[WAITING * 9 // 10].lane
    QueuedRecipient.objects.filter(lane__lt=last).update(due=clock.now() + clock.HOUR)


def _held() -> None:
    QueuedRecipient.objects.update(held=True)


def _limited() -> None:
    """All wait for a relay that has no connection free."""
    QueuedRecipient.objects.update(lane="limit relay")
    writer().submit(AdmitGroup("relay", LIMITS["relay"], ((1,),), 1)).result()


CASES: tuple[tuple[str, Callable[[int], str], Callable[[], None]], ...] = (
    ("due in one domain", _one_domain, _as_queued),
    ("due in 50 000 domains", _many_domains, _as_queued),
    ("due later in 50 000 domains", _many_domains, _retried_later),
    ("due later in 45 000 domains, due in 5 000", _many_domains, _most_retried_later),
    ("held", _one_domain, _held),
    ("waiting for a connection to a relay", _many_domains, _limited),
)


def main() -> None:
    """Print how long a round takes, and when a new message of another domain is leased."""
    print(f"{WAITING} recipients, {ROUNDS} rounds\n")
    head("database", "recipients", "round in ms, median", "worst", "a message to another domain is leased in")
    for kind in KINDS:
        for name, address, prepare in CASES:
            try:
                with fresh_world(kind) as world:
                    _fill(world, address)
                    prepare()
                    _vacuum()
                    _measure(f"{kind} | {name}", world)
            except LookupError as error:
                row(kind, name, f"not measured: {error}")


def _fill(world: World, address: Callable[[int], str]) -> None:
    world.lift_limits(world.alice)
    for start in range(0, WAITING, A_MESSAGE):
        addresses = [address(number) for number in range(start, start + A_MESSAGE)]
        world.writer.submit(submission(world.alice, addresses)).result()
    assert QueuedRecipient.objects.count() == WAITING


def _vacuum() -> None:
    """PostgreSQL does it by itself a few seconds after so many changes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE delivery_queuedrecipient")


def _measure(name: str, world: World) -> None:
    times, after, queued, found = [], "", 0, 0
    rounds: list[list[int]] = []
    for number in range(1, 2 * ROUNDS + 1):
        if number == ROUNDS // 2:
            world.writer.submit(submission(world.alice, ["bob@remote.example"])).result()
            queued = number
        started = time.perf_counter()
        write = LeaseDue(MOST_A_ROUND, PER_LANE, after, 1, LIMITS)
        lease = world.writer.submit(write).result()
        times.append((time.perf_counter() - started) * 1000)
        after = lease.last_lane
        rounds.append([each.id for each in lease.recipients])
        if len(rounds) * MOST_A_ROUND > SLOTS:
            # What a worker has slots for is settled before more is leased.
            QueuedRecipient.objects.filter(pk__in=rounds.pop(0)).update(
                state=State.DELIVERED, due=None, lease_token=0, lease_until=0
            )
        if queued and not found and any(each.domain == "remote.example" for each in lease.recipients):
            found = number - queued + 1
    waited = f"round {found}" if found else f"none of {ROUNDS}"
    row(name, f"{statistics.median(times):.1f}", f"{max(times):.1f}", waited)


if __name__ == "__main__":
    main()
