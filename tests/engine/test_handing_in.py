"""What comes on an event loop is handed to a thread together."""

import asyncio
from concurrent.futures import Future
from typing import Any

import pytest

from mail.process.handing_in import HandingIn


async def idle_turns() -> None:
    """Let the loop turn with nothing else to do."""
    for _ in range(100):
        await asyncio.sleep(0)


class Thread:
    """What was handed to it."""

    def __init__(self) -> None:
        self.taken: list[Future[Any]] = []

    def submit(self, future: "Future[Any]") -> None:
        self.taken.append(future)


def test_what_comes_at_one_moment_is_handed_in_together_and_in_its_order() -> None:
    async def work() -> None:
        thread, handing_in = Thread(), HandingIn()
        added = [handing_in.add(thread.submit) for _ in range(3)]
        assert thread.taken == []
        await idle_turns()
        assert thread.taken == added

    asyncio.run(work())


def test_a_loop_that_is_always_busy_holds_it_up_only_for_milliseconds() -> None:
    async def work() -> None:
        thread, handing_in = Thread(), HandingIn()
        async with asyncio.timeout(60):
            added = [handing_in.add(thread.submit)]
            while not thread.taken:
                added.append(handing_in.add(thread.submit))
                await asyncio.sleep(0)
        assert thread.taken == added[: len(thread.taken)]

    asyncio.run(work())


def test_what_waits_when_the_loop_ends_is_handed_in_then_and_what_comes_later_at_once() -> None:
    thread = Thread()

    async def work() -> None:
        handing_in = HandingIn()
        handing_in.add(thread.submit)
        handing_in.close()
        assert len(thread.taken) == 1
        handing_in.add(thread.submit)
        assert len(thread.taken) == 2

    asyncio.run(work())


def test_what_cannot_be_handed_in_says_so() -> None:
    def refuse(_: "Future[Any]") -> None:
        raise LookupError("the writer has ended")

    async def work() -> None:
        handing_in, thread = HandingIn(), Thread()
        refused, taken = handing_in.add(refuse), handing_in.add(thread.submit)
        await idle_turns()
        with pytest.raises(LookupError):
            refused.result(0)
        assert thread.taken == [taken]

    asyncio.run(work())
