"""Django's SQLite backend with the settings moxsite always uses and a turnstile before every write."""

import re
import sqlite3
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.sqlite3 import base, operations

from mail.database.sqlite.pragmas import prepare
from mail.database.turnstile import Turnstile

_WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|VACUUM)\b", re.IGNORECASE)
_LONGEST_KEPT = 4096
_NO_TURN: AbstractContextManager[object] = nullcontext()


@lru_cache(maxsize=300)
def _with_question_marks(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class TurnstileCursor(base.SQLiteCursorWrapper):
    """Lets a write outside a transaction pass the turnstile; inside one, its BEGIN has passed already."""

    turnstile: Turnstile | None = None

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        """As SQLite takes it. Most statements are the same ones over and over."""
        if param_names is None and len(query) <= _LONGEST_KEPT:
            return _with_question_marks(query)
        converted: str = super().convert_query(query, param_names=param_names)
        return converted

    def execute(self, query: str, params: Any = None) -> Any:
        with self._turn(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self._turn(query):
            return super().executemany(query, param_list)

    def _turn(self, query: str) -> AbstractContextManager[object]:
        turnstile = self.turnstile
        if turnstile is None or turnstile.held or self.connection.in_transaction or not _WRITES.match(query):
            return _NO_TURN
        return turnstile.turn()


class SizedIntegers(operations.DatabaseOperations):
    """Whole numbers have the size that other databases give them.

    SQLite would keep 64 bits in any column, and what is computed from such a number fails or can't be moved.
    """

    def integer_field_range(self, internal_type: str) -> tuple[int, int]:
        """The least and the largest number of a kind of field, which forms and models check."""
        return BaseDatabaseOperations.integer_field_range(self, internal_type)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that waits its turn before it writes."""

    ops_class = SizedIntegers
    turnstile: Turnstile | None = None

    def get_new_connection(self, conn_params: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        if self.turnstile is None and not self.is_in_memory_db():
            self.turnstile = Turnstile(str(conn_params["database"]))
        prepare(connection, self.turnstile)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        assert self.connection is not None
        cursor = self.connection.cursor(factory=TurnstileCursor)
        cursor.turnstile = self.turnstile
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        if self.turnstile is None:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
            return
        self.turnstile.take()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self.turnstile.release()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            if self.turnstile is not None:
                self.turnstile.close()

    def _leave(self) -> None:
        # A COMMIT that failed leaves the transaction open: the ROLLBACK that follows lets go.
        if self.turnstile is not None and not (self.connection and self.connection.in_transaction):
            self.turnstile.release()
