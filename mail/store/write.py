"""What a change of the store looks like: a value, and the function that applies many of its kind at once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any, ClassVar, TypeVar

from django.db import connection
from django.db.backends.utils import CursorWrapper

from mail.store.ids import IdBlock

MAX_ROWS = 32
"""Rows of one statement."""

_ROUND = 12
"""More rows than these are inserted in groups of this size or of MAX_ROWS."""


class Write:
    """A change as a value. Subclasses are frozen dataclasses, known to the writer through `applies`."""

    is_promise: ClassVar[bool] = True
    """Whether a loss of power must not take it back once its future is done.

    What is no promise becomes lasting with the next one at the latest: commits are kept in their order.
    """

    @property
    def weight(self) -> int:
        """Bytes of content it carries; a batch stays under 1 MiB."""
        return 0


def _group(left: int) -> int:
    """How many of so many rows the next statement inserts: few texts are prepared, and each call costs."""
    return left if left <= _ROUND else MAX_ROWS if left >= MAX_ROWS else _ROUND


@cache
def _insertion(table: str, columns: str, count: int, conflict: str) -> str:
    """One statement for several rows. executemany would let go of the interpreter once a row, and with a
    busy event loop beside it wait each time until it gets it back."""
    places = ", ".join(["%s"] * (columns.count(",") + 1))
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([f'({places})'] * count)} {conflict}"


@cache
def _given(columns: str, count: int, sql: str) -> str:
    """The first row says of which types all are: PostgreSQL can't tell from a parameter."""
    named = [column.split(maxsplit=1) for column in columns.split(", ")]
    first = ", ".join(f"CAST(%s AS {kind})" for _, kind in named)
    others = f"({', '.join(['%s'] * len(named))})"
    values = ", ".join([f"({first})", *[others] * (count - 1)])
    return f"WITH given ({', '.join(name for name, _ in named)}) AS (VALUES {values}) {sql}"


@dataclass(slots=True)
class Locks:
    """Rows that a batch will change. They are locked in this order, each table by id."""

    accounts: set[int] = field(default_factory=set)
    mailboxes: set[int] = field(default_factory=set)
    recipients: set[int] = field(default_factory=set)


class Transaction:
    """One open write transaction of the writer."""

    def __init__(self, cursor: CursorWrapper, ids: IdBlock) -> None:
        self.cursor = cursor
        self._ids = ids

    def ids(self, count: int) -> range:
        """Fresh row ids."""
        return self._ids.draw(self.cursor, count)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and fetch all of its rows."""
        self.cursor.execute(sql, parameters)
        return list(self.cursor.fetchall())

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; the number of rows it changed."""
        self.cursor.execute(sql, parameters)
        return int(self.cursor.rowcount)

    def insert(
        self, table: str, columns: str, rows: Iterable[Sequence[Any]], conflict: str = ""
    ) -> None:  # fmt: skip
        """Insert many rows. `columns` are separated by commas; `conflict` is an ON CONFLICT clause."""
        batch = list(rows)
        start = 0
        while start < len(batch):
            count = _group(len(batch) - start)
            self.cursor.execute(
                _insertion(table, columns, count, conflict),
                list(chain.from_iterable(batch[start : start + count])),
            )
            start += count

    def given(
        self, columns: str, rows: Iterable[Sequence[Any]], sql: str, parameters: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        """Run a statement on many rows, which it finds in the table `given`; all that it returns.

        `columns` are names with types of both databases, as in "id bigint, state text". It is run several
        times when there are more rows than one statement takes.
        """
        batch = list(rows)
        found: list[tuple[Any, ...]] = []
        start = 0
        while start < len(batch):
            count = _group(len(batch) - start)
            values = list(chain.from_iterable(batch[start : start + count]))
            self.cursor.execute(_given(columns, count, sql), [*values, *parameters])
            if self.cursor.description is not None:
                found += self.cursor.fetchall()
            start += count
        return found

    def lock(self, locks: Locks) -> None:
        """Lock rows in the one order that keeps writers from waiting for each other in a circle.

        SQLite has one lock for everything, which is held already.
        """
        if connection.vendor == "sqlite":
            return
        for table, column, ids in (
            ("mail_account_counters", "account_id", locks.accounts),
            ("mail_mailbox", "id", locks.mailboxes),
            ("delivery_queuedrecipient", "id", locks.recipients),
        ):
            if ids:
                sql = f"SELECT 1 FROM {table} WHERE {column} = ANY(%s) ORDER BY {column} FOR UPDATE"
                self.cursor.execute(sql, [list(ids)])


W = TypeVar("W", bound=Write)
Apply = Callable[[Transaction, Sequence[Any]], list[Any]]
Needs = Callable[[Sequence[Any]], Locks]


@dataclass(frozen=True, slots=True)
class Applier:
    """How writes of one kind are applied: `needs` says what to lock, `apply` returns a result for each.

    A result that is an exception refuses that write alone; the others of the batch stand.
    """

    apply: Apply
    needs: Needs | None


appliers: dict[type[Write], Applier] = {}


def applies(kind: type[W], needs: Callable[[Sequence[W]], Locks] | None = None) -> Callable[
    [Callable[[Transaction, Sequence[W]], list[Any]]], Callable[[Transaction, Sequence[W]], list[Any]]
]:  # fmt: skip
    """Register the decorated function as the one that applies writes of `kind`."""

    def register(
        apply: Callable[[Transaction, Sequence[W]], list[Any]],
    ) -> Callable[[Transaction, Sequence[W]], list[Any]]:
        appliers[kind] = Applier(apply, needs)
        return apply

    return register
