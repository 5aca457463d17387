"""How often one client, and its network, may do something."""

from dataclasses import dataclass
from typing import Final

from mail.clock import DAY, HOUR, MINUTE, Moment
from mail.limiter.clients import Client
from mail.limiter.counts import Counts
from mail.limiter.window import Window


@dataclass(frozen=True, slots=True)
class Rate:
    """A kind of event and the windows for it. Neighbours in a network share the wider ones."""

    kind: str
    client: tuple[Window, ...]
    network: tuple[Window, ...]

    def opens(self, counts: Counts, client: Client, now: Moment) -> Moment:
        """From when on there is room for one more; `now` if there is. Peers on this machine always have."""
        if client.is_local:
            return now
        return max(
            counts.opens(self.kind, client.name, self.client, now),
            counts.opens(self.kind, client.network, self.network, now),
        )

    def add(self, counts: Counts, client: Client, now: Moment) -> None:
        """It happened."""
        if not client.is_local:
            counts.add(self.kind, client.name, self.client, now)
            counts.add(self.kind, client.network, self.network, now)

    def take(self, counts: Counts, client: Client, now: Moment) -> bool:
        """Count one more if there is room for it; whether there was."""
        if self.opens(counts, client, now) > now:
            return False
        self.add(counts, client, now)
        return True


CONNECTIONS: Final = Rate("connections", (Window(MINUTE, 120),), (Window(MINUTE, 600),))
"""By strangers. A server that has much to deliver keeps its connections."""

MESSAGES: Final = Rate("messages", (Window(MINUTE, 300),), (Window(MINUTE, 1200),))
"""By strangers."""

UNKNOWN_RECIPIENTS: Final = Rate(
    "unknown recipients",
    (Window(HOUR, 50), Window(DAY, 300)),
    (Window(HOUR, 250), Window(DAY, 1500)),
)
"""By strangers. Whoever collects addresses tries many that do not exist."""
