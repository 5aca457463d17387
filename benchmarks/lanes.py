"""The dispatcher beside 50 000 recipients of one domain whose server is dead."""

import time

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, percentile, row
from delivery.models import QueuedRecipient
from delivery.queue.dispatcher import MOST_A_ROUND, PER_LANE
from delivery.queue.leasing import LeaseDue
from tests.world.submissions import submission
from tests.world.world import World

WAITING = 50_000
A_MESSAGE = 500
ROUNDS = 30


def main() -> None:
    """Print how long a round takes, and whether a new message of another domain is in the next one."""
    head("database", "round in ms, median", "worst", "a message to another domain waits")
    for kind in KINDS:
        try:
            with fresh_world(kind) as world:
                _measure(kind, world)
        except LookupError as error:
            row(kind, f"not measured: {error}")


def _measure(kind: str, world: World) -> None:
    for start in range(0, WAITING, A_MESSAGE):
        addresses = [f"r{number}@dead.example" for number in range(start, start + A_MESSAGE)]
        world.writer.submit(submission(world.alice, addresses)).result()
    assert QueuedRecipient.objects.count() == WAITING
    times, after, rounds = [], "", 0
    for number in range(ROUNDS):
        if number == ROUNDS // 2:
            world.writer.submit(submission(world.alice, ["bob@remote.example"])).result()
        started = time.perf_counter()
        lease = world.writer.submit(LeaseDue(MOST_A_ROUND, PER_LANE, after, 1)).result()
        times.append((time.perf_counter() - started) * 1000)
        after = lease.last_lane
        if number >= ROUNDS // 2 and not rounds:
            found = any(each.domain == "remote.example" for each in lease.recipients)
            rounds = number - ROUNDS // 2 + 1 if found else 0
    row(kind, f"{percentile(times, 0.5):.1f}", f"{max(times):.1f}", f"{rounds} round")


if __name__ == "__main__":
    main()
