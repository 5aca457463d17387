"""The engine runs coroutines for threads, ends them in time, and stops cleanly."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Iterator

import pytest

from delivery.engine import Engine
from mail import clock
from mail.log.sessions import current_session, enter_session


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as running:
        yield running


async def value(result: int) -> int:
    await asyncio.sleep(0)
    return result


async def thread_name() -> str:
    return threading.current_thread().name


def test_a_coroutine_s_result_comes_back(engine: Engine) -> None:
    assert engine.run(value(3), 5) == 3
    assert engine.submit(value(4)).result(5) == 4


def test_everything_runs_in_one_thread_of_its_own(engine: Engine) -> None:
    names = {engine.run(thread_name(), 5) for _ in range(3)}
    assert names == {"delivery-engine"}


def test_an_error_comes_back(engine: Engine) -> None:
    async def failing() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        engine.run(failing(), 5)


def test_a_coroutine_that_takes_too_long_is_ended(engine: Engine) -> None:
    ended = threading.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    started = clock.monotonic()
    with pytest.raises(TimeoutError):
        engine.run(endless(), 0.05)
    assert ended.wait(5)
    assert clock.monotonic() - started < 5


def test_many_threads_are_served_at_once(engine: Engine) -> None:
    barrier: list[asyncio.Event] = []
    waiting = 0

    async def meet() -> bool:
        nonlocal waiting
        if not barrier:
            barrier.append(asyncio.Event())
        waiting += 1
        if waiting == 50:
            barrier[0].set()
        await barrier[0].wait()
        return True

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        results = list(pool.map(lambda _: engine.run(meet(), 10), range(50)))
    assert results == [True] * 50


def test_the_log_session_of_the_caller_goes_along(engine: Engine) -> None:
    async def session() -> str:
        return current_session()

    def call() -> str:
        enter_session("abc")
        return engine.run(session(), 5)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert pool.submit(call).result() == "abc"


def test_stopping_cancels_what_runs_and_waits_for_its_clean_up() -> None:
    engine = Engine()
    engine.start()
    begun, cleaned = threading.Event(), threading.Event()

    async def long_work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    future = engine.submit(long_work())
    assert begun.wait(5)
    engine.stop()
    assert cleaned.is_set()
    with pytest.raises(concurrent.futures.CancelledError):
        future.result(5)


def test_a_stopped_engine_takes_nothing_and_can_be_started_again() -> None:
    engine = Engine()
    with pytest.raises(RuntimeError, match="does not run"):
        engine.submit(value(1))
    engine.start()
    with pytest.raises(RuntimeError, match="already"):
        engine.start()
    engine.stop()
    engine.stop()
    with pytest.raises(RuntimeError, match="does not run"):
        engine.run(value(1), 1)
    with engine:
        assert engine.run(value(2), 5) == 2
