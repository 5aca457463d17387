"""Answers are asked for once while they live, and not a moment longer."""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail import clock
from mail.dns.cache import AnswerCache
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.resolver import Resolver
from tests.world.dns import FakeDns


@pytest.fixture(autouse=True)
def _real_clock() -> Iterator[None]:
    clock.reset()
    yield
    clock.reset()


@pytest.fixture
def dns() -> Iterator[FakeDns]:
    with FakeDns({"remote.example": {"MX": ["10 mx.remote.example."]}}, ttl=60) as server:
        yield server


def ask_twice(dns: FakeDns, *, name: str = "remote.example", pause_seconds: int = 0) -> int:
    async def main() -> None:
        resolver = Resolver(dns.address, try_seconds=1, deadline_seconds=2)
        for _ in range(2):
            with contextlib.suppress(DnsNotFound, DnsTemporary):
                await resolver.mx(name)
            clock.advance(pause_seconds * clock.SECOND)

    asyncio.run(main())
    return dns.asked(name, "MX")


def test_an_answer_is_asked_for_once_while_it_lives(dns: FakeDns) -> None:
    assert ask_twice(dns, pause_seconds=50) == 1


def test_an_answer_is_asked_for_again_after_its_time_to_live(dns: FakeDns) -> None:
    assert ask_twice(dns, pause_seconds=61) == 2


def test_a_clock_set_back_ends_the_life_of_an_answer(dns: FakeDns) -> None:
    assert ask_twice(dns, pause_seconds=-1000) == 2


def test_a_missing_name_is_remembered_too(dns: FakeDns) -> None:
    assert ask_twice(dns, name="nowhere.example") == 1


def test_a_failure_is_not_remembered(dns: FakeDns) -> None:
    dns.fail("remote.example", "servfail")
    assert ask_twice(dns) == 2


def test_the_same_question_at_the_same_time_is_asked_once(dns: FakeDns) -> None:
    async def main() -> None:
        resolver = Resolver(dns.address)
        await asyncio.gather(*(resolver.mx("remote.example") for _ in range(50)))

    asyncio.run(main())
    assert dns.asked("remote.example", "MX") == 1


def test_a_time_to_live_of_zero_is_not_kept() -> None:
    cache: AnswerCache[int] = AnswerCache(10)
    cache.put(("A", "x"), 1, 0)
    assert cache.get(("A", "x")) is None


def test_nothing_is_kept_longer_than_a_day() -> None:
    cache: AnswerCache[int] = AnswerCache(10)
    cache.put(("A", "x"), 1, 10**9)
    clock.advance(clock.DAY + clock.SECOND)
    assert cache.get(("A", "x")) is None


@given(st.lists(st.integers(0, 30), max_size=200))
def test_the_cache_never_outgrows_its_limit_and_keeps_the_latest(numbers: list[int]) -> None:
    cache: AnswerCache[int] = AnswerCache(7)
    for number in numbers:
        cache.put(("A", str(number)), number, 60)
        assert len(cache) <= 7
        assert cache.get(("A", str(number))) == number
