"""Taking due recipients out of the queue, lane after lane."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from delivery.queue.destinations import Room, rooms_of
from delivery.queue.groups import LARGEST
from delivery.queue.lanes import DueLanes, due_lanes, first_due
from delivery.queue.leases import LEASE, OPEN, LeasedRecipient
from delivery.queue.limits import DestinationLimits, awaited, waiting_lane
from delivery.queue.roles import DISPATCHER_ROLE, holds_role
from mail import clock
from mail.store.database_clock import database_now
from mail.store.write import Transaction, Write, applies

COMPANIONS = 1000
"""Recipients that are leased at a time because others of their messages were."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What a round gave. `next_due` is when there may be more to lease, if that is known.

    `cut`: more of the lanes or messages that are here may be due, but there was no room for them.
    """

    recipients: tuple[LeasedRecipient, ...]
    last_lane: str
    next_due: clock.Moment | None
    moment: clock.Moment
    cut: bool = False


@dataclass(frozen=True, slots=True)
class LeaseDue(Write):
    """Lease up to `window` due recipients, lane after lane beginning behind `after_lane`.

    No lane gets more than `per_lane` leases of this `dispatcher` at a time, however many of its recipients
    wait. What another one leased does not count: it may have died, and its lanes must not wait for the end
    of its leases. In a lane that waits for a limited destination nothing is leased for which there is no
    room. Gives a Lease, an empty one when `fence` is the token of a role that somebody else has by now.
    """

    is_promise: ClassVar[bool] = False

    window: int
    per_lane: int
    after_lane: str
    dispatcher: int
    """From `dispatcher_number`."""
    limits: Mapping[str, DestinationLimits] = field(default_factory=dict)
    """Of the transports that have any, by name."""
    fence: int = 0


@dataclass(frozen=True, slots=True)
class LeaseCompanions(Write):
    """Lease also what else is due of these messages, under the same token. Gives LeasedRecipients.

    With each message stands the lane that its recipients must be in; None: any.
    """

    is_promise: ClassVar[bool] = False

    messages: tuple[tuple[int, str | None], ...]
    token: int


_ROUND_BITS = 31


def dispatcher_number() -> int:
    """A number for a dispatcher that starts now. Its lease tokens begin with it."""
    return secrets.randbelow((1 << _ROUND_BITS) - 1) + 1


def tokens_of(dispatcher: int) -> tuple[int, int]:
    """The lowest and the highest lease token of a dispatcher."""
    return dispatcher << _ROUND_BITS, ((dispatcher + 1) << _ROUND_BITS) - 1


@applies(LeaseDue)
def lease_due(current: Transaction, writes: Sequence[LeaseDue]) -> list[Lease]:
    return [_lease(current, write) for write in writes]


def _lease(current: Transaction, write: LeaseDue) -> Lease:
    moment = database_now(current)
    if write.fence and not holds_role(current, DISPATCHER_ROLE, write.fence, moment):
        return Lease((), write.after_lane, None, moment)
    lanes = due_lanes(current, write.after_lane, moment)
    portions = _portions_of(current, write, lanes.names, moment)
    ids: list[int] = []
    waiting, cut = list(lanes.names), not lanes.all
    while waiting and len(ids) < write.window:
        served = _affordable(waiting, portions.counts, write.window - len(ids))
        del waiting[: len(served)]
        found = first_due(current, served, moment)
        cut |= any(len(found.get(lane, ())) == count for lane, count in served.items())
        ids += [id_ for lane in served for id_ in found.get(lane, ())]
    last_lane = lanes.last if not waiting else _before(lanes, waiting[0], write.after_lane)
    token = (write.dispatcher << _ROUND_BITS) + secrets.randbits(_ROUND_BITS)
    taken = _take(current, ids, token, moment)
    more_now = portions.held_back or not lanes.all
    next_due = moment if more_now else _earliest(current, moment, portions.more_at)
    return Lease(taken, last_lane, next_due, moment, cut or bool(waiting))


def _affordable(lanes: Sequence[str], counts: Mapping[str, int], window: int) -> dict[str, int]:
    """The first lanes, at least one, whose portions fit into the window together."""
    served: dict[str, int] = {}
    for lane in lanes:
        count = min(counts[lane], window)
        if served and count > window:
            break
        served[lane] = count
        window -= count
        if window <= 0:
            break
    return served


def _before(lanes: DueLanes, lane: str, after: str) -> str:
    """Behind which lane the next round begins when this one did not come to `lane`."""
    position = lanes.names.index(lane)
    return lanes.names[position - 1] if position else after


@dataclass(frozen=True, slots=True)
class _Portions:
    """How many recipients of each lane may be leased in a round.

    `held_back`: a lane gets nothing because it has enough leases. `more_at`: when limited destinations will
    have room again, where that is known.
    """

    counts: Mapping[str, int]
    held_back: bool
    more_at: Sequence[clock.Moment]


def _portions_of(
    current: Transaction, write: LeaseDue, lanes: Sequence[str], moment: clock.Moment
) -> _Portions:  # fmt: skip
    share = -(-write.window // len(lanes)) if lanes else 0
    leased = _leases_by_lane(current, write.dispatcher, moment)
    rooms = _rooms(current, write, lanes, moment)
    counts = {}
    held_back = False
    for lane in lanes:
        left = write.per_lane - leased.get(lane, 0)
        room = rooms.get(lane)
        if room is None:
            held_back |= left <= 0
            counts[lane] = max(0, min(share, left))
        else:
            counts[lane] = max(0, min(max(share, LARGEST), left, _fitting(room, leased.get(lane, 0))))
    return _Portions(counts, held_back, [room.more_at for room in rooms.values() if room.more_at])


def _rooms(
    current: Transaction, write: LeaseDue, lanes: Sequence[str], moment: clock.Moment
) -> dict[str, Room]:  # fmt: skip
    """What there is room for in each lane that waits for a destination which still has limits."""
    destinations = {}
    for lane in lanes:
        waits_for = awaited(lane)
        if waits_for is not None and (limits := write.limits.get(waits_for[0])):
            destinations[waits_for[1]] = limits
    rooms = rooms_of(current, destinations, moment)
    return {waiting_lane(destination): room for destination, room in rooms.items()}


def _fitting(room: Room, leased: int) -> int:
    """How many more recipients there is room for. Those that are leased in such a lane have not begun."""
    connections = COMPANIONS if room.connections is None else room.connections * LARGEST
    messages = COMPANIONS if room.messages is None else room.messages
    return min(connections, messages) - leased


def _leases_by_lane(current: Transaction, dispatcher: int, moment: clock.Moment) -> dict[str, int]:
    return dict(
        current.rows(
            "SELECT lane, count(*) FROM delivery_queuedrecipient WHERE lease_token > 0 AND lease_until > %s "
            "AND lease_token BETWEEN %s AND %s GROUP BY lane",
            [moment, *tokens_of(dispatcher)],
        )
    )


def _take(
    current: Transaction, ids: Sequence[int], token: int, moment: clock.Moment
) -> tuple[LeasedRecipient, ...]:  # fmt: skip
    if not ids:
        return ()
    places = ", ".join(["%s"] * len(ids))
    current.run(
        "UPDATE delivery_queuedrecipient SET lease_token = %s, lease_until = %s, due = %s "
        f"WHERE id IN ({places}) AND {OPEN} AND lease_until <= %s",
        [token, moment + LEASE, moment + LEASE, *ids, moment],
    )
    rows = current.rows(
        "SELECT q.id, q.lease_token, q.message_id, q.lane, q.domain, q.transport, q.attempts, m.account_id, "
        "m.sender_domain, q.tls_demand FROM delivery_queuedrecipient q "
        "JOIN delivery_queuedmessage m ON m.id = q.message_id "
        f"WHERE q.id IN ({places}) AND q.lease_token = %s ORDER BY q.id",
        [*ids, token],
    )
    return tuple(LeasedRecipient(*row) for row in rows)


def _earliest(
    current: Transaction, moment: clock.Moment, others: Sequence[clock.Moment]
) -> clock.Moment | None:  # fmt: skip
    ((due,),) = current.rows(
        f"SELECT min(due) FROM delivery_queuedrecipient WHERE {OPEN} AND due > %s", [moment]
    )
    return min([*others, *([] if due is None else [int(due)])], default=None)


@applies(LeaseCompanions)
def lease_companions(
    current: Transaction, writes: Sequence[LeaseCompanions]
) -> list[tuple[LeasedRecipient, ...]]:  # fmt: skip
    moment = database_now(current)
    return [_companions(current, write, moment) for write in writes]


def _companions(
    current: Transaction, write: LeaseCompanions, moment: clock.Moment
) -> tuple[LeasedRecipient, ...]:  # fmt: skip
    places = ", ".join(["%s"] * len(write.messages))
    found = current.rows(
        f"SELECT id, message_id, lane FROM delivery_queuedrecipient WHERE message_id IN ({places}) "
        f"AND {OPEN} AND due <= %s AND lease_until <= %s ORDER BY id LIMIT {COMPANIONS}",
        [*(message for message, _ in write.messages), moment, moment],
    )
    wanted = set(write.messages)
    ids = [id_ for id_, message, lane in found if (message, lane) in wanted or (message, None) in wanted]
    return _take(current, ids, write.token, moment)
