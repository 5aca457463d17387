"""How much a transport lets through to one destination, and how much of that is left."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from delivery.transports.settings import TransportSettings
from mail.clock import MINUTE, SECOND, Moment

LONGEST_DESTINATION: Final = 250
WAITING_LANE: Final = "limit "
"""How the lane begins in which recipients wait for a limited destination. Domains contain no space."""


@dataclass(frozen=True, slots=True)
class DestinationLimits:
    """Connections at a time, and messages within any minute, over all workers. 0: no limit."""

    connections: int = 0
    messages_per_minute: int = 0

    def __bool__(self) -> bool:
        return bool(self.connections or self.messages_per_minute)


UNLIMITED: Final = DestinationLimits()


@dataclass(frozen=True, slots=True)
class Passage:
    """So many messages were let through then."""

    moment: Moment
    messages: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """Messages that may pass now; if there are none, `more_at` is when the next one may."""

    messages: int
    more_at: Moment


def limits_of(settings: TransportSettings) -> DestinationLimits:
    """The limits among the settings of a transport."""
    if not settings.max_connections and not settings.max_messages_per_minute:
        return UNLIMITED
    return DestinationLimits(settings.max_connections, settings.max_messages_per_minute)


def allowance(passed: Iterable[Passage], messages_per_minute: int, moment: Moment) -> Allowance:
    """What may pass at `moment` after what has passed.

    Within no minute more than the limit passes, and within no ten seconds more than a sixth of it (rounded
    up): a destination is to see a stream, not a crowd each minute. A window contains its begin, not its end.
    """
    earlier = sorted(passed, key=lambda passage: passage.moment)
    messages, more_at = messages_per_minute, moment
    for length, most in ((MINUTE, messages_per_minute), (10 * SECOND, -(-messages_per_minute // 6))):
        left = most
        for passage in reversed(earlier):
            if passage.moment <= moment - length:
                break
            left -= passage.messages
            if left <= 0:
                more_at = max(more_at, passage.moment + length)
                break
        messages = min(messages, left)
    return Allowance(max(0, messages), more_at)


def destination_key(next_hop: str) -> str:
    """The name under which a next hop is counted: itself, or shortened where a column has no room for it."""
    if len(next_hop) <= LONGEST_DESTINATION:
        return next_hop
    transport, _, domain = next_hop.partition(" ")
    return f"{transport} {hashlib.sha256(domain.encode()).hexdigest()}"


def waiting_lane(destination: str) -> str:
    """The lane in which recipients wait for room at a destination."""
    return WAITING_LANE + destination


def awaited(lane: str) -> tuple[str, str] | None:
    """The transport and the destination that a lane waits for; None for a lane that waits for none."""
    if not lane.startswith(WAITING_LANE):
        return None
    destination = lane.removeprefix(WAITING_LANE)
    return destination.partition(" ")[0], destination
