"""Signing away from the event loop."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from delivery.reception.signing_threads import SigningThreads


@pytest.fixture
def threads() -> Iterator[SigningThreads]:
    made = SigningThreads()
    yield made
    made.close()


def test_who_waits_gets_what_was_signed_on_another_thread(threads: SigningThreads) -> None:
    async def session() -> list[bytes]:
        return list(await asyncio.gather(*[threads.run(_name_of_thread) for _ in range(20)]))

    names = asyncio.run(session())
    assert len(names) == 20
    assert threading.current_thread().name.encode() not in names


def test_what_can_not_be_signed_fails_and_the_next_is_signed(threads: SigningThreads) -> None:
    def broken() -> bytes:
        raise ValueError("no key")

    async def session() -> bytes:
        with pytest.raises(ValueError, match="no key"):
            await threads.run(broken)
        return await threads.run(lambda: b"signed")

    assert asyncio.run(session()) == b"signed"


def test_what_nobody_waits_for_any_more_harms_nobody(threads: SigningThreads) -> None:
    async def session() -> bytes:
        gone = threads.run(lambda: b"gone")
        gone.cancel()
        return await threads.run(lambda: b"signed")

    assert asyncio.run(session()) == b"signed"


def test_threads_end_when_closed_and_begin_again_when_wanted(threads: SigningThreads) -> None:
    async def session() -> bytes:
        return await threads.run(lambda: b"signed")

    before = threading.active_count()
    assert asyncio.run(session()) == b"signed"
    assert threading.active_count() > before
    threads.close()
    assert threading.active_count() == before
    assert asyncio.run(session()) == b"signed"


def _name_of_thread() -> bytes:
    return threading.current_thread().name.encode()
