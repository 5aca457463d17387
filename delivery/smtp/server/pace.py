"""Whether a message arrives fast enough to keep waiting for it."""


class Pace:
    """Watches one message. Moments and durations are seconds of one monotonic clock.

    A message is too slow when nothing arrives for `silence` seconds, or when less than `minimum_rate`
    bytes a second arrive in a whole period. Time that the server itself held the peer back doesn't count.
    """

    def __init__(self, now: float, *, silence: float, minimum_rate: int, period: float) -> None:
        self._silence = silence
        self._period = period
        self._enough = minimum_rate * period
        self._silent_since = now
        self._period_start = now
        self._arrived = 0

    def deadline(self) -> float:
        """When to look next, should nothing arrive before."""
        return min(self._silent_since + self._silence, self._period_start + self._period)

    def arrived(self, size: int, now: float) -> None:
        """So many bytes arrived."""
        self._silent_since = now
        self._arrived += size

    def held_back(self, seconds: float) -> None:
        """The server did not read for so long."""
        self._silent_since += seconds
        self._period_start += seconds

    def is_too_slow(self, now: float) -> bool:
        """Look at the clock; starts a new period when one has ended well."""
        if now >= self._silent_since + self._silence:
            return True
        if now >= self._period_start + self._period:
            if self._arrived < self._enough:
                return True
            self._period_start = now
            self._arrived = 0
        return False
