import asyncio
from collections.abc import Callable

import pytest

from mail.process.deadline import NEVER, Deadline

SOON = 0.02


def test_a_deadline_that_is_moved_is_late_at_its_last_moment() -> None:
    async def moved() -> None:
        loop = asyncio.get_running_loop()
        late: asyncio.Future[float] = loop.create_future()
        deadline = Deadline(loop, lambda: late.set_result(loop.time()))
        start = loop.time()
        deadline.by(start + SOON)
        deadline.by(start + 3 * SOON)
        assert await asyncio.wait_for(late, 30) >= start + 3 * SOON

    asyncio.run(moved())


def test_a_deadline_that_is_moved_to_an_earlier_moment_does_not_wait_for_the_old_one() -> None:
    async def moved() -> None:
        loop = asyncio.get_running_loop()
        late = asyncio.Event()
        deadline = Deadline(loop, late.set)
        deadline.within(3600)
        deadline.by(loop.time() + SOON)
        await asyncio.wait_for(late.wait(), 30)

    asyncio.run(moved())


def give_up(deadline: Deadline) -> None:
    deadline.at = NEVER


@pytest.mark.parametrize("no_longer", [give_up, Deadline.end])
def test_a_deadline_that_nobody_waits_for_any_more_is_never_late(
    no_longer: Callable[[Deadline], None],
) -> None:
    async def ended() -> None:
        loop = asyncio.get_running_loop()
        late, other = asyncio.Event(), asyncio.Event()
        deadline = Deadline(loop, late.set)
        deadline.within(SOON)
        no_longer(deadline)
        Deadline(loop, other.set).within(2 * SOON)
        await asyncio.wait_for(other.wait(), 30)
        assert not late.is_set()

    asyncio.run(ended())
