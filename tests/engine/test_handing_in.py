"""What comes on an event loop is handed to a thread together."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import ExitStack
from typing import Any

import pytest

from mail.process import handing_in as module
from mail.process.handing_in import HandingIn


class Thread:
    """What was handed to it."""

    def __init__(self) -> None:
        self.taken: list[Future[Any]] = []
        self.was_given = asyncio.Event()

    def submit(self, future: "Future[Any]") -> None:
        self.taken.append(future)
        self.was_given.set()


def on_loop(work: Callable[[HandingIn, Thread], Awaitable[None]]) -> None:
    async def main() -> None:
        await work(HandingIn(), Thread())

    asyncio.run(main())


@pytest.fixture
def _late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST_WAIT", 3600.0)


@pytest.mark.usefixtures("_late")
def test_it_is_handed_in_when_each_has_brought_something() -> None:
    async def work(handing_in: HandingIn, thread: Thread) -> None:
        with handing_in.joined("first"), handing_in.joined("second"):
            for _ in range(2):
                thread.taken.clear()
                added = [handing_in.add("first", thread.submit), handing_in.add("first", thread.submit)]
                assert thread.taken == []
                added.append(handing_in.add("second", thread.submit))
                assert thread.taken == added

    on_loop(work)


@pytest.mark.usefixtures("_late")
def test_who_has_nothing_more_to_bring_is_not_waited_for() -> None:
    async def work(handing_in: HandingIn, thread: Thread) -> None:
        with ExitStack() as second:
            second.enter_context(handing_in.joined("second"))
            with handing_in.joined("first"):
                added = handing_in.add("first", thread.submit)
            assert thread.taken == []
        assert thread.taken == [added]

    on_loop(work)


def test_who_takes_long_holds_the_others_up_for_milliseconds() -> None:
    async def work(handing_in: HandingIn, thread: Thread) -> None:
        with handing_in.joined("slow"), handing_in.joined("quick"):
            added = handing_in.add("quick", thread.submit)
            async with asyncio.timeout(60):
                await thread.was_given.wait()
            assert thread.taken == [added]

    on_loop(work)


@pytest.mark.usefixtures("_late")
def test_what_waits_when_the_loop_ends_is_handed_in_then_and_what_comes_later_at_once() -> None:
    async def work(handing_in: HandingIn, thread: Thread) -> None:
        with handing_in.joined("slow"), handing_in.joined("quick"):
            handing_in.add("quick", thread.submit)
            handing_in.close()
            assert len(thread.taken) == 1
            handing_in.add("quick", thread.submit)
            assert len(thread.taken) == 2

    on_loop(work)


def test_what_cannot_be_handed_in_says_so() -> None:
    def refuse(_: "Future[Any]") -> None:
        raise LookupError("the writer has ended")

    async def work(handing_in: HandingIn, thread: Thread) -> None:
        with handing_in.joined("first"), handing_in.joined("second"):
            refused, taken = handing_in.add("first", refuse), handing_in.add("second", thread.submit)
        with pytest.raises(LookupError):
            refused.result(0)
        assert thread.taken == [taken]

    on_loop(work)
