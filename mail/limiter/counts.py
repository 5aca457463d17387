"""Counting what happens, in this process and, through deltas, in all of them."""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from mail.clock import Moment
from mail.limiter.window import Window

MOST_STRETCHES: Final = 40_000
"""That are kept in memory; about 12 MB. Those that nothing happened in for longest go first."""

_LOOKED_AT: Final = 1000


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """What is counted of whom, and when: `length` microseconds from `start` on."""

    kind: str
    subject: str
    length: int
    start: Moment

    @property
    def expires(self) -> Moment:
        """When it counts for nothing any more."""
        return self.start + 2 * self.length


@dataclass(slots=True)
class _Tally:
    """`known` is what all processes have told so far, `pending` what this one has not told yet."""

    known: int = 0
    pending: int = 0
    telling: int = 0

    @property
    def total(self) -> int:
        return max(self.known + self.telling + self.pending, 0)


class Counts:
    """Bounded counters that any thread may use; nothing here waits.

    Processes share them by telling each other: `begin_telling` gives what was counted since the last time,
    then follows `told` with the sums of all processes, or `not_told`. `learn` takes sums at any other time.
    """

    def __init__(self, most: int = MOST_STRETCHES) -> None:
        self._most = most
        self._tallies: OrderedDict[Stretch, _Tally] = OrderedDict()
        self._untold: set[Stretch] = set()
        self._telling: dict[Stretch, _Tally] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._tallies)

    def add(self, kind: str, subject: str, windows: Iterable[Window], now: Moment) -> None:
        """It happened once more."""
        with self._lock:
            for window in windows:
                stretch = _stretch(kind, subject, window, now)
                self._tally(stretch).pending += 1
                self._untold.add(stretch)

    def forget(self, kind: str, subject: str, windows: Iterable[Window], now: Moment) -> None:
        """Let it be as if it had not happened."""
        with self._lock:
            for window in windows:
                for moment in (now, now - window.length):
                    stretch = _stretch(kind, subject, window, moment)
                    tally = self._tallies.get(stretch)
                    if tally is not None:
                        tally.pending = -(tally.known + tally.telling)
                        self._untold.add(stretch)

    def opens(self, kind: str, subject: str, windows: Iterable[Window], now: Moment) -> Moment:
        """From when on all windows have room for one more; `now` if they have."""
        with self._lock:
            return max((w.opens(*self._both(kind, subject, w, now), now) for w in windows), default=now)

    def estimate(self, kind: str, subject: str, window: Window, now: Moment) -> int:
        """How often it happened lately."""
        with self._lock:
            return window.estimate(*self._both(kind, subject, window, now), now)

    def begin_telling(self, now: Moment, most: int = MOST_STRETCHES) -> dict[Stretch, int]:
        """What to add to the sums of all processes, in the one order that all of them lock rows in.

        At most so much at a time; the rest waits for the next call.
        """
        with self._lock:
            self._drop_expired(now)
            news = {}
            for stretch in sorted(itertools.islice(self._untold, most)):
                self._untold.discard(stretch)
                tally = self._tallies.get(stretch)
                if tally is not None and tally.pending:
                    tally.telling, tally.pending = tally.pending, 0
                    news[stretch] = tally.telling
                    self._telling[stretch] = tally
            return news

    def told(self, sums: Mapping[Stretch, int]) -> None:
        """It is added; these are the sums now."""
        with self._lock:
            for tally in self._telling.values():
                tally.telling = 0
            self._telling.clear()
            self._learn(sums)

    def not_told(self) -> None:
        """It could not be added."""
        with self._lock:
            for stretch, tally in self._telling.items():
                tally.pending, tally.telling = tally.pending + tally.telling, 0
                self._untold.add(stretch)
            self._telling.clear()

    def learn(self, sums: Mapping[Stretch, int]) -> None:
        """These are the sums of all processes."""
        with self._lock:
            self._learn(sums)

    def _learn(self, sums: Mapping[Stretch, int]) -> None:
        for stretch, total in sums.items():
            self._tally(stretch).known = total

    def _tally(self, stretch: Stretch) -> _Tally:
        tally = self._tallies.get(stretch)
        if tally is None:
            tally = self._tallies[stretch] = _Tally()
            if len(self._tallies) > self._most:
                oldest, _ = self._tallies.popitem(last=False)
                self._untold.discard(oldest)
        else:
            self._tallies.move_to_end(stretch)
        return tally

    def _drop_expired(self, now: Moment) -> None:
        """Some of what counts no more. All that is touched seldom comes to be looked at."""
        for stretch in list(itertools.islice(self._tallies, _LOOKED_AT)):
            if stretch.expires <= now:
                del self._tallies[stretch]
                self._untold.discard(stretch)

    def _both(self, kind: str, subject: str, window: Window, now: Moment) -> tuple[int, int]:
        """How often in the present stretch and in the one before."""
        current = self._tallies.get(_stretch(kind, subject, window, now))
        previous = self._tallies.get(_stretch(kind, subject, window, now - window.length))
        return current.total if current else 0, previous.total if previous else 0


def _stretch(kind: str, subject: str, window: Window, moment: Moment) -> Stretch:
    return Stretch(kind, subject, window.length, window.start(moment))
