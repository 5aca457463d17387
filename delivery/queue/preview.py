"""What a change of routes or transports does to the mail that waits, found out before the change is made.

The next attempt of each recipient is chosen twice: by the configuration in force, and by the one that the
present transaction holds and may still take back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from django.db import connection

from delivery.configuration.account_routes import AccountRoutesHere
from delivery.models import QueuedRecipient
from delivery.queue.choice import Choice, Chooser, Journey
from mail.configuration.snapshot import InvalidConfiguration, compile_snapshot

LIMIT: Final = 5000
"""Recipients that are looked at: those due first, and as many held ones, the newest first."""

NAMED: Final = 20
"""Affected recipients that are named."""

_COLUMNS: Final = """
    SELECT q.id, m.account_id, m.sender_domain, q.domain, q.attempts, q.transport
    FROM delivery_queuedrecipient q JOIN delivery_queuedmessage m ON m.id = q.message_id
"""
_QUERIES: Final = (
    f"{_COLUMNS} WHERE q.state = 'waiting' AND NOT q.held ORDER BY q.due LIMIT %s",
    f"{_COLUMNS} WHERE q.state = 'waiting' AND q.held ORDER BY q.id DESC LIMIT %s",
)
_COUNT: Final = "SELECT COUNT(*) FROM delivery_queuedrecipient WHERE state = 'waiting' AND NOT held"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What recipients have in common that are chosen the same transport."""

    journey: Journey
    demanded: str


@dataclass(frozen=True, slots=True)
class Way:
    """A transport as far as it matters here, with the reason. `fails`: it refuses mail or lets it wait."""

    transport: str
    kind: str
    fails: bool
    rule: str

    @property
    def shown(self) -> str:
        """Name and kind."""
        return self.transport if self.transport == self.kind else f"{self.transport} ({self.kind})"

    def is_like(self, other: "Way") -> bool:
        """Whether mail leaves in the same way, by whatever rule."""
        return (self.transport, self.kind, self.fails) == (other.transport, other.kind, other.fails)


@dataclass(frozen=True, slots=True)
class Present:
    """Recipients that wait, and the way of each group by the configuration in force."""

    groups: Mapping[Waiting, tuple[int, ...]]
    ways: Mapping[Waiting, Way]
    looked_at: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Effect:
    """How many recipients go another way than now."""

    before: str
    after: str
    fails: bool
    count: int

    def __str__(self) -> str:
        recipients = "1 queued recipient" if self.count == 1 else f"{self.count} queued recipients"
        verb = "would fail" if self.fails else "would change transport"
        return f"{recipients} {verb}: {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class Affected:
    """A recipient that goes another way, and the rule by which."""

    row: QueuedRecipient
    before: str
    after: str
    rule: str


@dataclass(frozen=True, slots=True)
class Effects:
    """All effects, the most recipients first, and the recipients that are named.

    `looked_at` of the `waiting` recipients were asked about; the counts are theirs.
    """

    effects: tuple[Effect, ...]
    named: tuple[Affected, ...]
    looked_at: int
    waiting: int

    @property
    def affected(self) -> int:
        """How many recipients."""
        return sum(effect.count for effect in self.effects)

    @property
    def digest(self) -> str:
        """Equal for the same effects on however many recipients: what somebody agrees to."""
        lines = sorted(f"{effect.before}\n{effect.after}\n{effect.fails}" for effect in self.effects)
        return sha256("\n\n".join(lines).encode()).hexdigest()[:16]


def present_ways() -> Present | None:
    """The ways as they are, before anything is changed. None when no mail waits. Reads the database."""
    groups: dict[Waiting, list[int]] = {}
    looked_at = 0
    for query in _QUERIES:
        for id_, account, sender, recipient, attempts, demanded in _rows(query, [LIMIT]):
            waiting = Waiting(Journey(account, sender, recipient, attempts), demanded)
            groups.setdefault(waiting, []).append(id_)
            looked_at += 1
    if not groups:
        return None
    try:
        ways = _ways(groups)
    except InvalidConfiguration:
        return None  # nothing is in force that could be compared
    ((open_count,),) = _rows(_COUNT, [])
    frozen = {waiting: tuple(ids) for waiting, ids in groups.items()}
    return Present(frozen, ways, looked_at, max(open_count, looked_at))


def effects_now(present: Present) -> Effects:
    """What the configuration as this transaction has it changes. Reads in the caller's thread.

    Raises InvalidConfiguration when it can't be used.
    """
    ways = _ways(present.groups)
    changed = {
        waiting: (present.ways[waiting], way)
        for waiting, way in ways.items()
        if not way.is_like(present.ways[waiting])
    }
    counts: Counter[tuple[str, str, bool]] = Counter()
    for waiting, (before, after) in changed.items():
        counts[before.shown, after.shown, after.fails] += len(present.groups[waiting])
    effects = tuple(Effect(*key, count) for key, count in counts.most_common())
    return Effects(effects, _named(present, changed), present.looked_at, present.waiting)


def _ways(groups: Iterable[Waiting]) -> dict[Waiting, Way]:
    """The choice for each group by the configuration that this thread sees."""
    chooser, snapshot = Chooser(AccountRoutesHere()), compile_snapshot()
    return {each: _way(chooser.choose(snapshot, each.journey, each.demanded)) for each in groups}


def _way(choice: Choice) -> Way:
    transport = choice.transport
    return Way(transport.shown_name, transport.kind.name, transport.kind.name == "fail", choice.rule)


def _named(present: Present, changed: Mapping[Waiting, tuple[Way, Way]]) -> tuple[Affected, ...]:
    """The first recipients, in the order in which they were read."""
    where = [(id_, waiting) for waiting in changed for id_ in present.groups[waiting]][:NAMED]
    rows = QueuedRecipient.objects.select_related("message").in_bulk([id_ for id_, _ in where])
    return tuple(
        Affected(rows[id_], changed[waiting][0].shown, changed[waiting][1].shown, changed[waiting][1].rule)
        for id_, waiting in where
        if id_ in rows
    )


def _rows(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
