"""Attempts to log in, merged in memory until they are written."""

import hashlib
import threading
from dataclasses import dataclass
from typing import Final

from mail import clock
from mail.limiter.clients import client_of
from mail.models import LoginAttempt

Protocol = LoginAttempt.Protocol
Result = LoginAttempt.Result

MOST_KINDS: Final = 200
"""Different ones that are kept between two writes. A flood beyond becomes one row without names."""

LONGEST_NAME: Final = 128
_OTHERS: Final = "(many others)"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What attempts have in common that are told as one.

    `login_id` is None when nobody has the name. `password` is the label of an app password.
    """

    login_name: str
    login_id: int | None
    ip: str
    protocol: str
    mechanism: str
    result: str
    password: str = ""

    @property
    def client(self) -> str:
        """What the limiter counts as one client."""
        return client_of(self.ip).name

    def key(self, day: int) -> bytes:
        """What attempts of one day (UTC, counted from the epoch) have in common."""
        parts = (self.login_name, self.login_id, self.ip, self.protocol, self.mechanism, self.result)
        return hashlib.sha256(repr((day, *parts, self.password)).encode()).digest()


@dataclass(slots=True)
class Merged:
    """How often, and from when to when."""

    first: clock.Moment
    last: clock.Moment
    count: int


class AttemptLog:
    """What happened since it was written last. Any thread may use it."""

    def __init__(self) -> None:
        self._merged: dict[tuple[int, Attempt], Merged] = {}
        self._lock = threading.Lock()

    def add(self, attempt: Attempt, moment: clock.Moment, count: int = 1) -> None:
        """It happened at this moment."""
        self._put(attempt, Merged(moment, moment, count))

    def take(self) -> list[tuple[Attempt, Merged]]:
        """Everything, which from now on belongs to the caller."""
        with self._lock:
            taken, self._merged = self._merged, {}
        return [(attempt, merged) for (_, attempt), merged in taken.items()]

    def put_back(self, taken: list[tuple[Attempt, Merged]]) -> None:
        """It could not be written."""
        for attempt, merged in taken:
            self._put(attempt, merged)

    def has_success(self, login_id: int, client: str) -> bool:
        """Whether one that is not written yet logged this login in from there."""
        with self._lock:
            return any(
                attempt.result == Result.OK and attempt.login_id == login_id and attempt.client == client
                for _, attempt in self._merged
            )

    def _put(self, attempt: Attempt, more: Merged) -> None:
        day = more.last // clock.DAY
        with self._lock:
            if len(self._merged) >= MOST_KINDS and (day, attempt) not in self._merged:
                attempt = Attempt(_OTHERS, None, "", attempt.protocol, "", attempt.result)
            merged = self._merged.setdefault((day, attempt), Merged(more.first, more.last, 0))
            merged.first, merged.last = min(merged.first, more.first), max(merged.last, more.last)
            merged.count += more.count


def printable(name: str) -> str:
    """A login's name as somebody gave it, without what can't be stored or shown, and not too long."""
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name.strip())
    return text[:LONGEST_NAME]
