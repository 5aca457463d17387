"""Answers from the database that hold for some seconds, or until the configuration changes. Pure."""

from collections.abc import Hashable
from typing import Generic, TypeVar

from mail import clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RecentAnswers(Generic[K, V]):
    """A bounded cache of answers that nothing tells when they change. Belongs to one thread."""

    def __init__(self, seconds: float, size: int) -> None:
        self._seconds = seconds
        self._size = size
        self._answers: dict[K, tuple[V, int, float]] = {}

    def get(self, key: K, generation: int) -> V | None:
        """The answer, if it was given at this generation and not too long ago."""
        found = self._answers.get(key)
        if found is None:
            return None
        answer, given_at, until = found
        return answer if given_at == generation and clock.monotonic() < until else None

    def put(self, key: K, answer: V, generation: int) -> None:
        """Keep an answer that was asked for at this generation."""
        self._answers.pop(key, None)
        if len(self._answers) >= self._size:
            del self._answers[next(iter(self._answers))]
        self._answers[key] = (answer, generation, clock.monotonic() + self._seconds)
