"""Waiting on an event loop for commits."""

import asyncio
from concurrent.futures import Future
from typing import Any, cast

import pytest

from delivery.reception import commits as commits_module
from delivery.reception.commits import Commits
from mail.store.write import Write
from mail.store.writer import Writer, WriterStopped


class SlowWriter:
    """Takes writes in and commits them when the test says so."""

    def __init__(self) -> None:
        self.taken: list[tuple[Write, Future[Any]]] = []
        self.stopped = False

    def submit(self, write: Write) -> "Future[Any]":
        if self.stopped:
            raise WriterStopped
        future: Future[Any] = Future()
        self.taken.append((write, future))
        return future

    def commit(self) -> None:
        for number, (_, future) in enumerate(self.taken):
            future.set_result(number)


@pytest.fixture
def slow_writer() -> SlowWriter:
    return SlowWriter()


def submit(commits: Commits, slow_writer: SlowWriter) -> "asyncio.Future[Any]":
    return commits.submit(cast("Writer", slow_writer), Write())


async def idle_turns() -> None:
    """Let the loop turn with nothing else to do."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_writes_are_handed_in_together_and_each_gets_its_own_result(slow_writer: SlowWriter) -> None:
    async def session() -> list[Any]:
        commits = Commits()
        waiting = [submit(commits, slow_writer) for _ in range(3)]
        assert slow_writer.taken == []
        await idle_turns()
        assert len(slow_writer.taken) == 3
        await asyncio.to_thread(slow_writer.commit)
        return list(await asyncio.gather(*waiting))

    assert asyncio.run(session()) == [0, 1, 2]


def test_what_is_on_its_way_is_waited_for(slow_writer: SlowWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits_module, "_LONGEST_WAIT", 60.0)

    async def session() -> None:
        commits = Commits()
        first = submit(commits, slow_writer)
        for _ in range(100):
            commits.more_is_coming()
            await asyncio.sleep(0)
        second = submit(commits, slow_writer)
        assert slow_writer.taken == []
        await idle_turns()
        assert len(slow_writer.taken) == 2
        await asyncio.to_thread(slow_writer.commit)
        assert [await first, await second] == [0, 1]

    asyncio.run(session())


def test_what_threads_finish_is_waited_for(slow_writer: SlowWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits_module, "_LONGEST_WAIT", 60.0)

    async def session(*, gives_up: bool) -> None:
        commits = Commits()
        submit(commits, slow_writer)
        with commits.expected():
            await idle_turns()
            assert slow_writer.taken == []
        if not gives_up:
            submit(commits, slow_writer)
        await idle_turns()

    asyncio.run(session(gives_up=False))
    assert len(slow_writer.taken) == 2
    slow_writer.taken.clear()
    asyncio.run(session(gives_up=True))
    assert len(slow_writer.taken) == 1


def test_a_loop_that_is_always_busy_holds_up_nobody_for_long(slow_writer: SlowWriter) -> None:
    async def session() -> None:
        commits = Commits()
        submit(commits, slow_writer)
        async with asyncio.timeout(60):
            while not slow_writer.taken:
                commits.more_is_coming()
                await asyncio.sleep(0)

    asyncio.run(session())


def test_who_comes_after_the_end_of_the_writer_is_told(slow_writer: SlowWriter) -> None:
    slow_writer.stopped = True

    async def session() -> None:
        await submit(Commits(), slow_writer)

    with pytest.raises(WriterStopped):
        asyncio.run(session())


def test_what_nobody_waits_for_any_more_is_not_written(slow_writer: SlowWriter) -> None:
    async def session() -> None:
        commits = Commits()
        gone, waiting = submit(commits, slow_writer), submit(commits, slow_writer)
        gone.cancel()
        await idle_turns()
        await asyncio.to_thread(slow_writer.commit)
        assert await waiting == 0

    asyncio.run(session())
    assert len(slow_writer.taken) == 1
