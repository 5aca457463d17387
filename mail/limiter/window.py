"""How much may happen in how long."""

from dataclasses import dataclass

from mail.clock import Moment


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` in any `length` (microseconds), as near as two numbers tell.

    Counted are stretches of that length one after the other. What happened in the last `length` is
    estimated: all of the present stretch and, of the one before, the part that still lies in it.
    """

    length: int
    limit: int

    def start(self, now: Moment) -> Moment:
        """When the present stretch began."""
        return now - now % self.length

    def is_full(self, current: int, previous: int, now: Moment) -> bool:
        """Whether one more would be too much."""
        left = self.length - (now - self.start(now))
        return current * self.length + previous * left >= self.limit * self.length

    def opens(self, current: int, previous: int, now: Moment) -> Moment:
        """From when on there is room for one more, if nothing happens until then; `now` if there is."""
        if not self.is_full(current, previous, now):
            return now
        start = self.start(now)
        if current < self.limit:
            return start + _fades(previous, self.limit - current, self.length)
        return start + self.length + _fades(current, self.limit, self.length)

    def estimate(self, current: int, previous: int, now: Moment) -> int:
        """How much happened in the last `length`."""
        left = self.length - (now - self.start(now))
        return current + previous * left // self.length


def _fades(count: int, below: int, length: int) -> int:
    """How far into the next stretch a count has to fade until it is less than `below`, which is positive."""
    return length - (below * length - 1) // count if count >= below else 0
