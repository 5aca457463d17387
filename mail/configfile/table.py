"""Typed reading of the tables of a configuration file: every wrong value is noted, reading goes on. Pure."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from mail.configfile.problems import FilePath, FileProblems

T = TypeVar("T")

_LOWEST, _HIGHEST = -(2**31), 2**31 - 1


class Table:
    """One table of the file. Several sections may read the same one; `finish` reports what none has read."""

    def __init__(
        self, data: Mapping[str, Any], problems: FileProblems, *, path: FilePath = (), folder: Path = Path()
    ) -> None:
        """`folder` is what the names of other files in this one are relative to."""
        self._data = data
        self.path = path
        self.problems = problems
        self.folder = folder
        self._asked: set[str] = set()
        self._tables: dict[str, Table] = {}
        self._rows: dict[str, list[Table]] = {}

    def problem(self, message: str, *keys: str | int) -> None:
        """Note a problem with the value at `keys` below this table, or with the table itself."""
        self.problems.add((*self.path, *keys), message)

    def has(self, key: str) -> bool:
        """Whether the key is in the file."""
        self._asked.add(key)
        return key in self._data

    def text(self, key: str, default: str = "") -> str:
        """A text, or the default."""
        return self._typed(key, str, "a text in quotes", default)

    def boolean(self, key: str, default: bool = False) -> bool:
        """True or false, or the default."""
        return self._typed(key, bool, "true or false", default)

    def integer(self, key: str, default: int = 0) -> int:
        """A whole number of 32 bits, or the default."""
        value = self._typed(key, int, "a whole number", default)
        if isinstance(value, bool):
            self.problem("expected a whole number", key)
            return default
        if not _LOWEST <= value <= _HIGHEST:
            self.problem(f"expected a whole number from {_LOWEST} to {_HIGHEST}", key)
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty by default."""
        values: list[Any] = self._typed(key, list, 'a list of texts, such as ["a", "b"]', [])
        for position, value in enumerate(values):
            if not isinstance(value, str):
                self.problem("expected a text in quotes", key, position)
        return tuple(value for value in values if isinstance(value, str))

    def table(self, key: str) -> "Table":
        """The table at `key`; an empty one when it is absent."""
        if key not in self._tables:
            data: Mapping[str, Any] = self._typed(key, dict, "a table", {})
            self._tables[key] = self._below(data, key)
        return self._tables[key]

    def tables(self, key: str) -> "dict[str, Table]":
        """The tables below the one at `key`, by name."""
        above = self.table(key)
        return {name: above.table(name) for name in above._data}

    def rows(self, key: str) -> "list[Table]":
        """The tables of the list at `key`, as [[key]] writes them."""
        if key not in self._rows:
            values: list[Any] = self._typed(key, list, f"a list of tables, each written as [[{key}]]", [])
            self._rows[key] = [self._row(key, position, value) for position, value in enumerate(values)]
        return self._rows[key]

    def values(self) -> dict[str, Any]:
        """Everything that nobody has asked for by name so far; all of it counts as read."""
        found = {key: value for key, value in self._data.items() if key not in self._asked}
        self._asked.update(found)
        return found

    def finish(self) -> None:
        """Note every key of this table, and of those below, that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, n=1)
                self.problem("unknown key" + (f"; did you mean {near[0]}?" if near else ""), key)
        for table in self._tables.values():
            table.finish()
        for rows in self._rows.values():
            for row in rows:
                row.finish()

    def _row(self, key: str, position: int, value: Any) -> "Table":
        if not isinstance(value, dict):
            self.problem("expected a table", key, position)
            value = {}
        return self._below(value, key, position)

    def _below(self, data: Mapping[str, Any], *keys: str | int) -> "Table":
        return Table(data, self.problems, path=(*self.path, *keys), folder=self.folder)

    def _typed(self, key: str, kind: type[T], expected: str, default: T) -> T:
        self._asked.add(key)
        value = self._data.get(key, default)
        if not isinstance(value, kind):
            self.problem(f"expected {expected}", key)
            return default
        return value
