"""Answers that hold for one generation of the configuration. Pure."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class GenerationCache(Generic[K, V]):
    """A bounded cache that is emptied when the generation changes. Belongs to one thread.

    When it is full, the oldest answers go.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._generation = -1
        self._answers: dict[K, V] = {}

    def get(self, key: K, generation: int) -> V | None:
        """The answer that was given at this generation, if any."""
        if generation != self._generation:
            self._answers.clear()
            self._generation = generation
        return self._answers.get(key)

    def put(self, key: K, value: V, generation: int) -> None:
        """Keep an answer, unless the generation has changed since the question."""
        if generation == self._generation:
            if len(self._answers) >= self._size and key not in self._answers:
                del self._answers[next(iter(self._answers))]
            self._answers[key] = value

    def __len__(self) -> int:
        return len(self._answers)
