"""From what a round leased to the groups that can begin now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from delivery.queue.destinations import AskRoom, LeaveLanes, ParkRecipients, Room
from delivery.queue.groups import Group, NextHop, group_recipients
from delivery.queue.leases import LeasedRecipient, ReturnRecipients
from delivery.queue.leasing import Lease, LeaseCompanions
from delivery.queue.limits import awaited, waiting_lane
from mail.store.writer import Writer


@dataclass(frozen=True, slots=True)
class Fitting:
    """Completes messages, groups recipients, and sends those to wait whose destination has no room.

    Whether there is room is decided when a group begins; what is held back here would only come back.
    """

    writer: Writer
    next_hop: NextHop

    def groups_of(self, lease: Lease) -> list[Group]:
        """The groups to be published. The other recipients of the lease are in the queue again."""
        recipients = self._with_companions(lease) if lease.cut else lease.recipients
        rooms = self._rooms(recipients)
        connections = {
            name: room.connections for name, room in rooms.items() if room.connections is not None
        }  # fmt: skip
        groups = list(group_recipients(recipients, self.next_hop, connections))
        if rooms:
            groups = self._with_room(groups, rooms)
        self._leave_lanes(groups)
        return groups

    def _rooms(self, recipients: Sequence[LeasedRecipient]) -> dict[str, Room]:
        """What the limited destinations among those of these recipients have room for."""
        limited = {hop.destination: hop.limits for hop in map(self.next_hop, recipients) if hop.limits}
        if not limited:
            return {}
        rooms = self.writer.submit(AskRoom(tuple(limited.items()))).result()
        return dict(zip(limited, rooms, strict=True))

    def _with_companions(self, lease: Lease) -> Sequence[LeasedRecipient]:
        """Also the other due recipients of these messages that take the same way."""
        ways = {_way(recipient, self.next_hop) for recipient in lease.recipients}
        wanted = {(each.message_id, each.lane if each.by_domain else None) for each in ways}
        if not wanted:
            return lease.recipients
        companions: tuple[LeasedRecipient, ...] = self.writer.submit(
            LeaseCompanions(tuple(wanted), lease.recipients[0].token)
        ).result()
        same = [each for each in companions if _way(each, self.next_hop) in ways]
        others = tuple({each.id for each in companions} - {each.id for each in same})
        if others:
            self.writer.submit(ReturnRecipients(others, companions[0].token)).result()
        return [*lease.recipients, *same]

    def _with_room(self, groups: Sequence[Group], rooms: dict[str, Room]) -> list[Group]:
        fitting = []
        for group in groups:
            room = rooms.get(group.hop.destination)
            if room is None:
                fitting.append(group)
            elif room.is_there:
                fitting.append(group)
                rooms[group.hop.destination] = _less(room, group)
            else:
                lane = waiting_lane(group.hop.destination)
                self.writer.submit(ParkRecipients(group.ids, group.token, lane)).result()
        return fitting

    def _leave_lanes(self, groups: Sequence[Group]) -> None:
        """Recipients that waited for a destination which they need not wait for any more."""
        strays = tuple(
            recipient.id
            for group in groups
            if not group.hop.limits
            for recipient in group.recipients
            if awaited(recipient.lane)
        )
        if strays:
            self.writer.submit(LeaveLanes(strays)).result()


@dataclass(frozen=True, slots=True)
class _Way:
    message_id: int
    destination: str
    transport: str
    tls_demand: str
    by_domain: bool
    lane: str


def _way(recipient: LeasedRecipient, next_hop: NextHop) -> _Way:
    """What a recipient has in common with those that may share its transaction."""
    hop = next_hop(recipient)
    lane = recipient.lane if hop.by_domain else ""
    return _Way(
        recipient.message_id, hop.destination, recipient.transport, recipient.tls_demand, hop.by_domain, lane
    )


def _less(room: Room, group: Group) -> Room:
    connections = None if room.connections is None else room.connections - 1
    messages = None if room.messages is None else max(0, room.messages - group.messages)
    return replace(room, connections=connections, messages=messages)
