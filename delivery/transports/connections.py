"""Sessions that stay open for a moment after a group, for the next one to the same next hop."""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from delivery.smtp.client.session import Session, leave
from mail import clock


@dataclass(frozen=True, slots=True)
class Limits:
    """How long sessions are kept, and how many."""

    idle: float = 5.0
    """Seconds without a message."""
    age: float = 300.0
    """Seconds since the session was opened."""
    transactions: int = 100
    """Over one session."""
    kept_at_one: int = 10
    """Idle sessions with one address, whatever they may be used for."""
    kept: int = 200
    """Idle sessions in all."""


@dataclass(slots=True, eq=False)
class OpenSession:
    """A session, when it was opened (`clock.monotonic()`), and the transactions begun in it."""

    session: Session
    opened: float
    transactions: int = 0
    unrecorded: list["Future[Any]"] = field(default_factory=list)
    """Done when what came of the last of them is on disk."""

    async def until_recorded(self) -> None:
        """Wait until what came of the transactions so far is on disk, or can't be recorded.

        The next one must not end before: a process that dies repeats what it had not recorded, and so that is
        one message for each connection at most.
        """
        pending = [asyncio.wrap_future(each) for each in self.unrecorded if not each.done()]
        self.unrecorded.clear()
        if pending:
            await asyncio.wait(pending)

    @property
    def may_go_on(self) -> bool:
        """Whether the server takes another transaction, as far as it announced (MAILMAX, RFC 9422)."""
        limit = self.session.extensions.mailmax
        return self.session.usable and (limit is None or self.transactions < limit)


class ConnectionCache:
    """Idle sessions by a key that holds all that makes two sessions equal. For one event loop only."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        # Dictionaries for their order: what was put down last is taken first, so that others may grow old.
        self._idle: dict[Hashable, dict[OpenSession, asyncio.TimerHandle]] = {}
        self._kept_at: Counter[str] = Counter()
        self._closed = False

    @property
    def kept(self) -> int:
        """Idle sessions at present."""
        return self._kept_at.total()

    def take(self, key: Hashable, fits: Callable[[Session], bool]) -> OpenSession | None:
        """A session that fits and was alive a moment ago, or None. The caller gives it back."""
        for entry in reversed(list(self._idle.get(key, ()))):
            if not self._worth_keeping(entry):
                self._end(key, entry)
            elif fits(entry.session):
                self._remove(key, entry)
                facts = entry.session.facts
                entry.session.facts = replace(facts, connect_seconds=0.0, setup_seconds=0.0, reused=True)
                return entry
        return None

    def give(self, key: Hashable, entry: OpenSession) -> None:
        """Keep a session that has no command under way, or end it. With the key None it is not kept."""
        ip = entry.session.facts.ip
        full = self.kept >= self._limits.kept or self._kept_at[ip] >= self._limits.kept_at_one
        if key is None or full or self._closed or not self._worth_keeping(entry):
            leave(entry.session)
            return
        timer = asyncio.get_running_loop().call_later(self._limits.idle, self._end, key, entry)
        self._idle.setdefault(key, {})[entry] = timer
        self._kept_at[ip] += 1

    async def close(self, seconds: float) -> None:
        """Say goodbye in every idle session, wait that long for the answers, and keep none from now on."""
        self._closed = True
        idle = [(key, entry) for key, entries in self._idle.items() for entry in entries]
        goodbyes = [goodbye for key, entry in idle if (goodbye := self._end(key, entry))]
        if goodbyes:
            await asyncio.wait(goodbyes, timeout=seconds)

    def _worth_keeping(self, entry: OpenSession) -> bool:
        return (
            entry.session.connection.quiet
            and entry.may_go_on
            and entry.transactions < self._limits.transactions
            and clock.monotonic() - entry.opened < self._limits.age
        )

    def _end(self, key: Hashable, entry: OpenSession) -> asyncio.Task[None] | None:
        self._remove(key, entry)
        return leave(entry.session)

    def _remove(self, key: Hashable, entry: OpenSession) -> None:
        entries = self._idle[key]
        entries.pop(entry).cancel()
        if not entries:
            del self._idle[key]
        ip = entry.session.facts.ip
        self._kept_at[ip] -= 1
        if not self._kept_at[ip]:
            del self._kept_at[ip]
