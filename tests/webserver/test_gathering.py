"""Exchanges that are over are observed in groups."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from webserver import gathering
from webserver.gathering import MOST, Gathering


class Following:
    """Keeps what it is told of; the one that fails is none of its liking."""

    def __init__(self, enough: int = 1) -> None:
        self.told: list[Any] = []
        self.has_enough = asyncio.Event()
        self._enough = enough

    def ended(self, exchange: Any) -> None:
        self.told.append(exchange)
        if len(self.told) == self._enough:
            self.has_enough.set()
        if isinstance(exchange, Failing):
            raise RuntimeError


class Failing:
    id = "abc"


def on_loop(test: Callable[[Following, Gathering], Any]) -> None:
    async def run() -> None:
        following = Following(2)
        await test(following, Gathering(following, asyncio.get_running_loop()))

    asyncio.run(run())


def test_few_are_told_together_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(following: Following, gathered: Gathering) -> None:
        for exchange in ("a", "b"):
            gathered.ended(exchange)  # type: ignore[arg-type]
        assert following.told == []
        await asyncio.wait_for(following.has_enough.wait(), 60)
        assert following.told == ["a", "b"]

    on_loop(test)


def test_many_are_told_at_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "SECONDS", 1000)

    async def test(following: Following, gathered: Gathering) -> None:
        for exchange in range(2 * MOST + 1):
            gathered.ended(exchange)  # type: ignore[arg-type]
        assert following.told == list(range(2 * MOST))
        gathered.tell()
        assert following.told == list(range(2 * MOST + 1))

    on_loop(test)


def test_one_that_can_not_be_counted_is_logged_and_hides_no_other(caplog: pytest.LogCaptureFixture) -> None:
    async def test(following: Following, gathered: Gathering) -> None:
        for exchange in (Failing(), "b"):
            gathered.ended(exchange)  # type: ignore[arg-type]
        gathered.tell()
        assert following.told[1:] == ["b"]

    on_loop(test)
    assert "a request could not be counted" in caplog.text
