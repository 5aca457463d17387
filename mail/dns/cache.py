"""Answers kept for their time to live, within bounds."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from mail import clock

Value = TypeVar("Value")
Key = tuple[str, str]

LONGEST = 24 * clock.HOUR


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Value]):
    value: Value
    stored: clock.Moment
    expires: clock.Moment


class AnswerCache(Generic[Value]):
    """At most `limit` values; the least recently used one makes room. Nothing is kept longer than a day."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[Key, _Entry[Value]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Value | None:
        """The value stored for `key`, unless its time is over."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        # A clock set back must not make an entry live longer than it was meant to.
        if not entry.stored <= clock.now() < entry.expires:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return entry.value

    def put(self, key: Key, value: Value, ttl: int) -> None:
        """Keep `value` for `ttl` seconds; a time to live of 0 is not kept at all."""
        if ttl <= 0 or self._limit <= 0:
            return
        stored = clock.now()
        self._entries[key] = _Entry(value, stored, stored + min(ttl * clock.SECOND, LONGEST))
        self._entries.move_to_end(key)
        while len(self._entries) > self._limit:
            self._entries.popitem(last=False)
