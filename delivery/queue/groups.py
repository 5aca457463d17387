"""Putting leased recipients into groups that one task delivers over few connections."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from delivery.queue.leases import LeasedRecipient

LARGEST = 20
"""Messages that one task takes at the most."""

SMALLEST = 5
"""Messages below which a group is not split: a task and a connection cost as much as sending several."""

CONNECTIONS = 5
"""Groups that the messages of one next hop are spread over, as far as these sizes allow."""

NextHop = Callable[[LeasedRecipient], str]


@dataclass(frozen=True, slots=True)
class Group:
    """Recipients for one task. They share the next hop as the routes stand now."""

    token: int
    ids: tuple[int, ...]


def group_recipients(recipients: Sequence[LeasedRecipient], next_hop: NextHop) -> Iterator[Group]:
    """Groups of recipients with the same next hop; recipients of one message stay together."""
    by_hop: dict[str, dict[int, list[LeasedRecipient]]] = {}
    for recipient in recipients:
        messages = by_hop.setdefault(next_hop(recipient), {})
        messages.setdefault(recipient.message_id, []).append(recipient)
    for messages in by_hop.values():
        yield from _spread(list(messages.values()))


def _spread(messages: Sequence[list[LeasedRecipient]]) -> Iterator[Group]:
    size = max(SMALLEST, min(LARGEST, -(-len(messages) // CONNECTIONS)))
    for start in range(0, len(messages), size):
        members: Iterable[LeasedRecipient] = (
            r for message in messages[start : start + size] for r in message
        )
        ordered = sorted(members, key=lambda recipient: recipient.id)
        yield Group(ordered[0].token, tuple(recipient.id for recipient in ordered))
