"""Removing content that nothing refers to, in slices short enough that nobody waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from mail import clock
from mail.models import Content
from mail.store.layout import chunk_id
from mail.store.write import Transaction, Write, applies
from mail.store.writer import Writer

GRACE = clock.HOUR
EVENTS_KEPT = 30 * clock.DAY
_CONTENTS = 50
_CHUNKS = 16
_EVENTS = 500
_PAGES = 256


@dataclass(frozen=True, slots=True)
class SweepContents(Write):
    """One slice of removing unreferenced content. Gives whether there may be more."""


@dataclass(frozen=True, slots=True)
class SweepEvents(Write):
    """One slice of forgetting old events. Gives whether there may be more."""


def sweep(writer: Writer) -> None:
    """Remove all that may go by now. The writer serves others between the slices."""
    for write in (SweepContents(), SweepEvents()):
        while writer.submit(write).result():
            pass


@applies(SweepContents)
def sweep_contents(current: Transaction, writes: Sequence[SweepContents]) -> list[bool]:
    before = clock.now() - GRACE
    found = current.rows(
        f"SELECT c.id, {unused()} FROM mail_content c WHERE c.doubtful AND c.touched < %s "
        "ORDER BY c.touched LIMIT %s",
        [before, _CONTENTS],
    )
    budget = _CHUNKS
    for content, is_unused in found:
        if not is_unused:
            current.run("UPDATE mail_content SET doubtful = %s WHERE id = %s", [False, content])
            continue
        removed = _remove_chunks(current, content, budget)
        budget -= removed
        if budget <= 0:
            return [True] * len(writes)
        current.run("DELETE FROM mail_content WHERE id = %s", [content])
    if connection.vendor == "sqlite":
        current.rows(f"PRAGMA incremental_vacuum({_PAGES})")
    return [len(found) == _CONTENTS] * len(writes)


@applies(SweepEvents)
def sweep_events(current: Transaction, writes: Sequence[SweepEvents]) -> list[bool]:
    removed = current.run(
        "DELETE FROM mail_event WHERE id IN "
        "(SELECT id FROM mail_event WHERE moment < %s ORDER BY moment LIMIT %s)",
        [clock.now() - EVENTS_KEPT, _EVENTS],
    )
    return [removed == _EVENTS] * len(writes)


def unused() -> str:
    """The condition, in SQL, that nothing refers to the content `c`."""
    return " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.{column} = c.id)" for table, column in references()
    )


def references() -> list[tuple[str, str]]:
    """Every (table, column) that refers to a content."""
    found = []
    for relation in Content._meta.related_objects:
        field = relation.field
        found.append((field.model._meta.db_table, str(field.column)))
    return sorted(found)


def _remove_chunks(current: Transaction, content: int, most: int) -> int:
    return current.run(
        "DELETE FROM mail_chunk WHERE id IN "
        "(SELECT id FROM mail_chunk WHERE id >= %s AND id < %s ORDER BY id LIMIT %s)",
        [chunk_id(content, 0), chunk_id(content + 1, 0), most],
    )
