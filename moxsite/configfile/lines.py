"""On which line of a TOML file a value stands. Pure.

The standard library's parser does not tell. So the text is cut into statements, each is parsed by itself,
and its keys are noted. Only done for a file that has problems.
"""

import tomllib
from collections.abc import Iterator
from typing import Any

from mail.configfile.problems import FilePath


class Lines:
    """Line numbers, from 1, of the keys of a file that is valid TOML."""

    def __init__(self, text: str) -> None:
        self._lines: dict[FilePath, int] = {}
        self._entries: dict[FilePath, int] = {}
        table: FilePath = ()
        for number, statement in _statements(text):
            if statement.startswith("["):
                table = self._enter(statement)
                self._note(table, number)
            else:
                self._note_values(table, tomllib.loads(statement), number)

    def find(self, path: FilePath) -> int | None:
        """The line of the value, or of the table that it is missing in; None when neither is there."""
        return self._lines.get(path) or self._lines.get(path[:-1])

    def _enter(self, header: str) -> FilePath:
        """The path of a table, with the positions of the lists of tables on its way."""
        keys = _keys(tomllib.loads(header))
        path: FilePath = ()
        for depth, key in enumerate(keys, 1):
            path = (*path, key)
            if depth == len(keys) and header.startswith("[["):
                self._entries[path] = self._entries.get(path, -1) + 1
            if path in self._entries:
                path = (*path, self._entries[path])
        return path

    def _note(self, path: FilePath, number: int) -> None:
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], number)

    def _note_values(self, path: FilePath, value: Any, number: int) -> None:
        self._note(path, number)
        if isinstance(value, dict):
            for key, below in value.items():
                self._note_values((*path, key), below, number)
        elif isinstance(value, list):
            for position, below in enumerate(value):
                self._note_values((*path, position), below, number)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each table header and each key with its value, which may take several lines."""
    statement, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if not statement:
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            start = number
        statement = f"{statement}\n{line}" if statement else line.strip()
        if _is_complete(statement):
            yield start, statement
            statement = ""


def _is_complete(statement: str) -> bool:
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _keys(document: Any) -> list[str]:
    """The keys of a header: tables within tables, one in each."""
    keys = []
    while document:
        if isinstance(document, list):
            document = document[0]
            continue
        ((key, document),) = document.items()
        keys.append(key)
    return keys
