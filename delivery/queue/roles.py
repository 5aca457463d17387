"""Under a broker: which worker processes there are, and which one of them dispatches."""

from collections.abc import Sequence
from dataclasses import dataclass

from mail import clock
from mail.store.database_clock import database_now
from mail.store.write import Transaction, Write, applies

HEARTBEAT = 5 * clock.SECOND
FRESH = 20 * clock.SECOND
"""A worker that has not reported for this long counts as gone."""

ROLE_LEASE = 15 * clock.SECOND
DISPATCHER_ROLE = "delivery dispatcher"


@dataclass(frozen=True, slots=True)
class Heartbeat(Write):
    """A worker reports itself; workers long gone are forgotten."""

    name: str
    slots: int


@dataclass(frozen=True, slots=True)
class HoldRole(Write):
    """Take a role or keep it. Gives the fencing token, or None while somebody else holds it."""

    role: str
    holder: str


@dataclass(frozen=True, slots=True)
class LeaveRole(Write):
    """Give a role up at once, so that another need not wait for the lease to end."""

    role: str
    holder: str


@dataclass(frozen=True, slots=True)
class Capacity(Write):
    """Asks how many recipients may be leased for all workers together."""


@applies(Heartbeat)
def heartbeat(current: Transaction, writes: Sequence[Heartbeat]) -> list[None]:
    moment = database_now(current)
    for write in writes:
        current.run(
            "INSERT INTO delivery_worker (name, slots, heartbeat) VALUES (%s, %s, %s) "
            "ON CONFLICT (name) DO UPDATE SET slots = excluded.slots, heartbeat = excluded.heartbeat",
            [write.name, write.slots, moment],
        )
    current.run("DELETE FROM delivery_worker WHERE heartbeat < %s", [moment - clock.HOUR])
    return [None] * len(writes)


@applies(HoldRole)
def hold_role(current: Transaction, writes: Sequence[HoldRole]) -> list[int | None]:
    moment = database_now(current)
    return [_hold(current, write, moment) for write in writes]


def _hold(current: Transaction, write: HoldRole, moment: clock.Moment) -> int | None:
    current.run(
        "INSERT INTO delivery_rolelease (role, holder, token, until) VALUES (%s, '', 0, 0) "
        "ON CONFLICT (role) DO NOTHING",
        [write.role],
    )
    rows = current.rows(
        "UPDATE delivery_rolelease SET token = token + CASE WHEN holder = %s THEN 0 ELSE 1 END, "
        "holder = %s, until = %s WHERE role = %s AND (holder = %s OR until <= %s) RETURNING token",
        [write.holder, write.holder, moment + ROLE_LEASE, write.role, write.holder, moment],
    )
    return int(rows[0][0]) if rows else None


def holds_role(current: Transaction, role: str, token: int, moment: clock.Moment) -> bool:
    """Whether the holder that was given this fencing token still plays the role."""
    return bool(
        current.rows(
            "SELECT 1 FROM delivery_rolelease WHERE role = %s AND token = %s AND until > %s",
            [role, token, moment],
        )
    )


@applies(LeaveRole)
def leave_role(current: Transaction, writes: Sequence[LeaveRole]) -> list[None]:
    for write in writes:
        current.run(
            "UPDATE delivery_rolelease SET until = 0 WHERE role = %s AND holder = %s",
            [write.role, write.holder],
        )
    return [None] * len(writes)


@applies(Capacity)
def capacity(current: Transaction, writes: Sequence[Capacity]) -> list[int]:
    moment = database_now(current)
    ((slots,),) = current.rows(
        "SELECT coalesce(sum(slots), 0) FROM delivery_worker WHERE heartbeat > %s", [moment - FRESH]
    )
    ((leased,),) = current.rows(
        "SELECT count(*) FROM delivery_queuedrecipient WHERE lease_token > 0 AND lease_until > %s", [moment]
    )
    return [max(0, int(slots) - int(leased))] * len(writes)
