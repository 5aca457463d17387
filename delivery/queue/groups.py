"""Putting leased recipients into groups that one task delivers over few connections."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from delivery.queue.leases import LeasedRecipient
from delivery.queue.limits import UNLIMITED, DestinationLimits

LARGEST = 20
"""Messages that one task takes at the most."""

SMALLEST = 5
"""Messages below which a group is not split: a task and a connection cost as much as sending several."""

CONNECTIONS = 10
"""Groups that the messages of one next hop are spread over, as far as these sizes and limits allow.

Over one connection each message waits until the one before is recorded; one commit records those of all ten.
"""

MOST_RECIPIENTS = 1000
"""Recipients that several messages of a group have together. A single message may have more."""


@dataclass(frozen=True, slots=True)
class Hop:
    """The next hop of a recipient as the routes stand now. `by_domain`: it serves one recipient domain."""

    destination: str
    by_domain: bool = True
    limits: DestinationLimits = UNLIMITED


NextHop = Callable[[LeasedRecipient], Hop]


@dataclass(frozen=True, slots=True)
class Group:
    """Recipients for one task. They share the next hop, and what is demanded of transport and TLS."""

    hop: Hop
    recipients: tuple[LeasedRecipient, ...]

    @property
    def token(self) -> int:
        """The token of their lease."""
        return self.recipients[0].token

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids of the recipients, ascending."""
        return tuple(recipient.id for recipient in self.recipients)

    @property
    def messages(self) -> int:
        """How many messages they are recipients of."""
        return len({recipient.message_id for recipient in self.recipients})


def group_recipients(
    recipients: Sequence[LeasedRecipient],
    next_hop: NextHop,
    connections: Mapping[str, int] | None = None,
) -> Iterator[Group]:
    """Groups of recipients with the same next hop; recipients of one message stay together.

    `connections` has, by destination, how many more connections there may be.
    """
    shared: dict[tuple[Hop, str, str], dict[int, list[LeasedRecipient]]] = {}
    for recipient in recipients:
        key = (next_hop(recipient), recipient.transport, recipient.tls_demand)
        shared.setdefault(key, {}).setdefault(recipient.message_id, []).append(recipient)
    for (hop, _, _), messages in shared.items():
        free = (connections or {}).get(hop.destination, CONNECTIONS)
        yield from _spread(hop, list(messages.values()), max(1, min(CONNECTIONS, free)))


def _spread(
    hop: Hop, messages: Sequence[list[LeasedRecipient]], connections: int
) -> Iterator[Group]:  # fmt: skip
    size = max(SMALLEST, min(LARGEST, -(-len(messages) // connections)))
    group: list[list[LeasedRecipient]] = []
    for message in messages:
        if group and (len(group) >= size or sum(map(len, group)) + len(message) > MOST_RECIPIENTS):
            yield _group(hop, group)
            group = []
        group.append(message)
    if group:
        yield _group(hop, group)


def _group(hop: Hop, messages: Sequence[list[LeasedRecipient]]) -> Group:
    members: Iterable[LeasedRecipient] = (recipient for message in messages for recipient in message)
    return Group(hop, tuple(sorted(members, key=lambda recipient: recipient.id)))
