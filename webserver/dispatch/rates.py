"""How many requests clients may make."""

from typing import Final

from mail import clock
from mail.clock import HOUR, MINUTE
from mail.limiter.clients import client_of
from mail.limiter.counts import Counts
from mail.limiter.rates import Rate
from mail.limiter.window import Window

ALL: Final = Rate(
    "web requests",
    (Window(MINUTE, 6000), Window(HOUR, 60_000)),
    (Window(MINUTE, 30_000), Window(HOUR, 300_000)),
)
"""Of one client, at all that a process serves."""


class Rates:
    """Counts requests of this process. Programs on this machine are not held back, except by handlers."""

    def __init__(self) -> None:
        self._counts = Counts()

    def admits(self, address: str) -> bool:
        """Count a request; whether there is room for it."""
        client = client_of(address)
        return client.is_local or ALL.take(self._counts, client, clock.now())

    def admits_to(self, handler: int, per_minute: int, address: str) -> bool:
        """The same for one handler, which may admit so many requests of a client in a minute."""
        window = (Window(MINUTE, per_minute),)
        kind = f"web handler {handler}"
        name = client_of(address).name or address
        now = clock.now()
        if self._counts.opens(kind, name, window, now) > now:
            return False
        self._counts.add(kind, name, window, now)
        return True
