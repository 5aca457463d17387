"""Counting connections and messages for each limited destination, over all workers.

Whoever is about to begin asks here, after the routes were evaluated and under its lease. What there is no
room for goes back into the queue, unattempted, in a lane of its destination: the dispatcher takes from such
a lane only what there is room for, however much waits there, and no other lane waits behind it.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from delivery.queue.enqueue import lane_of
from delivery.queue.leases import LEASE
from delivery.queue.limits import (
    WAITING_LANE,
    DestinationLimits,
    Passage,
    allowance,
    waiting_lane,
)
from mail import clock
from mail.store.database_clock import database_now
from mail.store.write import Locks, Transaction, Write, applies

Messages = tuple[tuple[int, ...], ...]
"""The ids of the recipients of each message."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Which recipients may be attempted now; none: come again. `slot` is to be given back, 0 is none."""

    recipients: tuple[int, ...]
    slot: int = 0


@dataclass(frozen=True, slots=True)
class AdmitGroup(Write):
    """Ask for a connection to a destination, and to let these messages through. Gives Admitted.

    The recipients that are leased with `token` and not admitted wait in the lane of the destination.
    """

    destination: str
    limits: DestinationLimits
    messages: Messages
    token: int


@dataclass(frozen=True, slots=True)
class ParkRecipients(Write):
    """Give leased recipients back unattempted, to wait in `lane`."""

    ids: tuple[int, ...]
    token: int
    lane: str


@dataclass(frozen=True, slots=True)
class LeaveLanes(Write):
    """Put recipients back into the lanes of their own, whatever they waited for."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RenewSlot(Write):
    """Keep a connection for another lease."""

    slot: int


@dataclass(frozen=True, slots=True)
class ReleaseSlot(Write):
    """Give a connection back."""

    slot: int


@dataclass(frozen=True, slots=True)
class Room:
    """What a destination has room for. None: no limit. `more_at` is when another message may pass."""

    connections: int | None
    messages: int | None
    more_at: clock.Moment | None = None

    @property
    def is_there(self) -> bool:
        """Whether another group could begin."""
        return self.connections != 0 and self.messages != 0


@dataclass(frozen=True, slots=True)
class AskRoom(Write):
    """Ask what limited destinations have room for. Gives a Room for each."""

    destinations: tuple[tuple[str, DestinationLimits], ...]


def _admission_locks(writes: Sequence[AdmitGroup]) -> Locks:
    return Locks(recipients={id_ for write in writes for ids in write.messages for id_ in ids})


@applies(AdmitGroup, needs=_admission_locks)
def admit_groups(current: Transaction, writes: Sequence[AdmitGroup]) -> list[Admitted]:
    _lock_destinations(current, sorted({write.destination for write in writes}))
    moment = database_now(current)  # after the lock: passages are written in the order of their moments
    return [_admit(current, write, moment) for write in writes]


def _admit(current: Transaction, write: AdmitGroup, moment: clock.Moment) -> Admitted:
    room = rooms_of(current, {write.destination: write.limits}, moment)[write.destination]
    count = len(write.messages) if room.messages is None else room.messages
    passing = write.messages[:count] if room.is_there else ()
    waiting = write.messages[len(passing) :]
    if waiting:
        lane = waiting_lane(write.destination)
        _park(current, [id_ for ids in waiting for id_ in ids], write.token, lane, moment)
    if not passing:
        return Admitted(())
    recipients = tuple(id_ for ids in passing for id_ in ids)
    _leave(current, recipients)
    if write.limits.messages_per_minute:
        _note_passage(current, write.destination, len(passing), moment)
    slot = _take_slot(current, write.destination, moment) if write.limits.connections else 0
    return Admitted(recipients, slot)


def rooms_of(
    current: Transaction, limits: Mapping[str, DestinationLimits], moment: clock.Moment
) -> dict[str, Room]:  # fmt: skip
    """What is left of the limits of these destinations."""
    held = _connections_held(current, [name for name, each in limits.items() if each.connections], moment)
    passed = _passed(current, [name for name, each in limits.items() if each.messages_per_minute], moment)
    rooms = {}
    for name, each in limits.items():
        connections = max(0, each.connections - held.get(name, 0)) if each.connections else None
        rooms[name] = Room(connections, None)
        if each.messages_per_minute:
            left = allowance(passed.get(name, ()), each.messages_per_minute, moment)
            rooms[name] = Room(connections, left.messages, left.more_at)
    return rooms


def _connections_held(current: Transaction, names: Sequence[str], moment: clock.Moment) -> dict[str, int]:
    if not names:
        return {}
    places = ", ".join(["%s"] * len(names))
    return dict(
        current.rows(
            "SELECT destination, count(*) FROM delivery_destinationslot "
            f"WHERE destination IN ({places}) AND until > %s GROUP BY destination",
            [*names, moment],
        )
    )


def _passed(current: Transaction, names: Sequence[str], moment: clock.Moment) -> dict[str, list[Passage]]:
    if not names:
        return {}
    places = ", ".join(["%s"] * len(names))
    # What lies further ahead than a minute was written before the clock was set back.
    rows = current.rows(
        "SELECT destination, moment, messages FROM delivery_destinationpassage "
        f"WHERE destination IN ({places}) AND moment > %s AND moment < %s",
        [*names, moment - clock.MINUTE, moment + clock.MINUTE],
    )
    passed: dict[str, list[Passage]] = {}
    for name, passage_moment, messages in rows:
        passed.setdefault(name, []).append(Passage(passage_moment, messages))
    return passed


def _note_passage(current: Transaction, destination: str, messages: int, moment: clock.Moment) -> None:
    current.run(
        "DELETE FROM delivery_destinationpassage WHERE destination = %s AND moment <= %s",
        [destination, moment - clock.MINUTE],
    )
    current.insert(
        "delivery_destinationpassage",
        "id, destination, moment, messages",
        [(secrets.randbits(62), destination, moment, messages)],
    )


def _take_slot(current: Transaction, destination: str, moment: clock.Moment) -> int:
    slot = secrets.randbits(62) + 1
    current.insert(
        "delivery_destinationslot", "id, destination, until", [(slot, destination, moment + LEASE)]
    )  # fmt: skip
    return slot


def _park(
    current: Transaction, ids: Sequence[int], token: int, lane: str, moment: clock.Moment
) -> None:  # fmt: skip
    current.cursor.executemany(
        "UPDATE delivery_queuedrecipient SET lane = %s, lease_token = 0, lease_until = 0, due = %s "
        "WHERE id = %s AND lease_token = %s AND state = 'waiting'",
        [(lane, moment, id_, token) for id_ in ids],
    )


def _leave(current: Transaction, ids: Sequence[int]) -> None:
    """Their next attempt may take another way: it is not to wait for this destination."""
    places = ", ".join(["%s"] * len(ids))
    rows = current.rows(
        "SELECT id, domain, transport FROM delivery_queuedrecipient "
        f"WHERE id IN ({places}) AND lane LIKE '{WAITING_LANE}%%'",
        list(ids),
    )
    current.cursor.executemany(
        "UPDATE delivery_queuedrecipient SET lane = %s WHERE id = %s",
        [(lane_of(domain, transport), id_) for id_, domain, transport in rows],
    )


def _parked_locks(writes: Sequence[ParkRecipients | LeaveLanes]) -> Locks:
    return Locks(recipients={id_ for write in writes for id_ in write.ids})


@applies(ParkRecipients, needs=_parked_locks)
def park_recipients(current: Transaction, writes: Sequence[ParkRecipients]) -> list[None]:
    moment = database_now(current)
    for write in writes:
        _park(current, write.ids, write.token, write.lane, moment)
    return [None] * len(writes)


@applies(LeaveLanes, needs=_parked_locks)
def leave_lanes(current: Transaction, writes: Sequence[LeaveLanes]) -> list[None]:
    for write in writes:
        _leave(current, write.ids)
    return [None] * len(writes)


def _lock_destinations(current: Transaction, destinations: Sequence[str]) -> None:
    """One writer at a time counts; in one order, so that none wait for each other in a circle."""
    if connection.vendor == "postgresql":
        current.rows(
            "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(name, 0) AS key "
            "FROM unnest(%s::text[]) AS name ORDER BY key) AS keys",
            [[f"moxsite destination {name}" for name in destinations]],
        )


@applies(RenewSlot)
def renew_slots(current: Transaction, writes: Sequence[RenewSlot]) -> list[None]:
    moment = database_now(current)
    for write in writes:
        current.run(
            "UPDATE delivery_destinationslot SET until = %s WHERE id = %s AND until > %s",
            [moment + LEASE, write.slot, moment],
        )
    return [None] * len(writes)


@applies(ReleaseSlot)
def release_slots(current: Transaction, writes: Sequence[ReleaseSlot]) -> list[None]:
    for write in writes:
        current.run("DELETE FROM delivery_destinationslot WHERE id = %s", [write.slot])
    return [None] * len(writes)


@applies(AskRoom)
def ask_room(current: Transaction, writes: Sequence[AskRoom]) -> list[tuple[Room, ...]]:
    moment = database_now(current)
    return [
        tuple(rooms_of(current, dict(write.destinations), moment).values()) for write in writes
    ]  # fmt: skip
