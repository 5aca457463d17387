"""The hosts of a relay: in which order they are tried, and which of them took no mail a moment ago."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from delivery.transports.dialing import Host
from mail import clock

UNREACHABLE_SECONDS = 60.0
"""How long a host that took no mail is tried last."""


@dataclass(frozen=True, slots=True)
class RelayHosts:
    """The hosts in their order. With `weights`, one for each host, they are drawn by lot instead.

    `failed` belongs to the process: it has the hosts that took no mail and until when, on the monotonic
    clock, that counts. Used from the event loop alone.
    """

    hosts: tuple[Host, ...]
    weights: tuple[int, ...] = ()
    failed: dict[Host, float] = field(default_factory=dict, compare=False, repr=False)

    def in_order(self, draw: random.Random | None = None) -> list[Host]:
        """All hosts in the order to try them; those that took no mail a moment ago are the last."""
        now = clock.monotonic()
        hosts = _drawn(self.hosts, self.weights, draw or _draw) if self.weights else list(self.hosts)
        return sorted(hosts, key=lambda host: self.failed.get(host, now) > now)

    def took_no_mail(self, host: Host) -> None:
        """Remember a host that can't be reached or does not let us in."""
        self.failed[host] = clock.monotonic() + UNREACHABLE_SECONDS

    def took_mail(self, host: Host) -> None:
        """Forget that a host took no mail."""
        self.failed.pop(host, None)


_draw = random.SystemRandom()


def _drawn(hosts: Sequence[Host], weights: Sequence[int], draw: random.Random) -> list[Host]:
    """Draw one host after the other, each with a chance in proportion to its weight."""
    left = dict(zip(hosts, weights, strict=True))
    order: list[Host] = []
    while left:
        (host,) = draw.choices(list(left), list(left.values()))
        del left[host]
        order.append(host)
    return order
