"""Changing where an import stands. Each change happens only from a state that allows it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from importer.models import State
from importer.staging.events import ABORTED, BRINGING_IN, STEP, News, add_news
from importer.staging.lease import LEASE, LeaseLost
from mail import clock
from mail.store.database_clock import database_now
from mail.store.write import Transaction, Write, applies

_OPEN = (State.UPLOADING.value, State.SCANNING.value, State.READY.value, State.RUNNING.value)


@dataclass(frozen=True, slots=True)
class BeginWork(Write):
    """The file is complete: let a worker read it, for a preview if one is wanted. Gives if that was so."""

    import_id: int


@dataclass(frozen=True, slots=True)
class TellScan(Write):
    """News while the file is read for a preview. Raises LeaseLost."""

    import_id: int
    token: int
    news: tuple[News, ...]


@dataclass(frozen=True, slots=True)
class FinishScan(Write):
    """Keep the preview and wait for the person. Raises LeaseLost."""

    import_id: int
    token: int
    preview: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person has decided: see importer.models.Import."""

    duplicates: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class StartImport(Write):
    """Run it as it was decided. Gives whether it stood at its preview."""

    import_id: int
    choices: Choices


@dataclass(frozen=True, slots=True)
class AbortImport(Write):
    """End it, with the reason for people. With a token only if that lease holds.

    With `unleased_for` only if nobody has had a lease for so long, by the database's clock. Gives whether it
    was ended.
    """

    import_id: int
    reason: str
    token: int = 0
    unleased_for: int | None = None


@applies(BeginWork)
def begin_work(current: Transaction, writes: Sequence[BeginWork]) -> list[bool]:
    return [
        bool(
            current.run(
                "UPDATE importer_import SET state = CASE WHEN preview_wanted THEN %s ELSE %s END, "
                "started = %s WHERE id = %s AND state = %s",
                [
                    State.SCANNING.value,
                    State.RUNNING.value,
                    clock.now(),
                    write.import_id,
                    State.UPLOADING.value,
                ],
            )
        )
        for write in writes
    ]


@applies(TellScan)
def tell_scan(current: Transaction, writes: Sequence[TellScan]) -> list[LeaseLost | None]:
    results: list[LeaseLost | None] = []
    for write in writes:
        held = current.run(
            "UPDATE importer_import SET lease_until = %s WHERE id = %s AND lease_token = %s AND state = %s",
            [database_now(current) + LEASE, write.import_id, write.token, State.SCANNING.value],
        )
        if held:
            add_news(current, write.import_id, write.news)
        results.append(None if held else LeaseLost())
    return results


@applies(FinishScan)
def finish_scan(current: Transaction, writes: Sequence[FinishScan]) -> list[LeaseLost | None]:
    results: list[LeaseLost | None] = []
    for write in writes:
        held = current.run(
            "UPDATE importer_import SET state = %s, preview = %s, lease_until = 0, touched = %s "
            "WHERE id = %s AND lease_token = %s AND state = %s",
            [
                State.READY.value,
                json.dumps(write.preview),
                clock.now(),
                write.import_id,
                write.token,
                State.SCANNING.value,
            ],
        )
        if held:
            title = "The preview is ready"
            add_news(current, write.import_id, [News(STEP, {"title": title, "state": State.READY.value})])
        results.append(None if held else LeaseLost())
    return results


@applies(StartImport)
def start_imports(current: Transaction, writes: Sequence[StartImport]) -> list[bool]:
    results = []
    for write in writes:
        started = current.run(
            "UPDATE importer_import SET state = %s, duplicates = %s, mapping = %s, prefix = %s, started = %s "
            "WHERE id = %s AND state = %s",
            [
                State.RUNNING.value,
                write.choices.duplicates,
                json.dumps(dict(write.choices.mapping)),
                write.choices.prefix,
                clock.now(),
                write.import_id,
                State.READY.value,
            ],
        )
        if started:
            news = News(STEP, {"title": BRINGING_IN, "state": State.RUNNING.value})
            add_news(current, write.import_id, [news])
        results.append(bool(started))
    return results


@applies(AbortImport)
def abort_imports(current: Transaction, writes: Sequence[AbortImport]) -> list[bool]:
    return [_abort(current, write) for write in writes]


def _abort(current: Transaction, write: AbortImport) -> bool:
    places = ", ".join(["%s"] * len(_OPEN))
    unleased, free_since = "", []
    if write.unleased_for is not None:
        unleased, free_since = "AND lease_until <= %s ", [database_now(current) - write.unleased_for]
    ended = current.run(
        f"UPDATE importer_import SET state = %s, outcome = %s, finished = %s, lease_until = 0 WHERE id = %s "
        f"AND (%s = 0 OR lease_token = %s) {unleased}AND state IN ({places})",
        [
            State.ABORTED.value,
            write.reason,
            clock.now(),
            write.import_id,
            write.token,
            write.token,
            *free_since,
            *_OPEN,
        ],
    )
    if not ended:
        return False
    for table in ("importer_staged_batch", "importer_merge"):
        current.run(f"DELETE FROM {table} WHERE owner_id = %s", [write.import_id])
    add_news(current, write.import_id, [News(ABORTED, {"reason": write.reason})])
    return True
