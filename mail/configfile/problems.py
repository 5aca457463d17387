"""What is wrong with a configuration file, and where in it. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

FilePath: TypeAlias = tuple[str | int, ...]
"""Keys from the top of the file; a number counts the entries of a list from 0."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A sentence about the value at a place of the file."""

    path: FilePath
    message: str

    def __str__(self) -> str:
        return f"{path_text(self.path)}: {self.message}" if self.path else self.message


class FileProblems:
    """Collects problems, each once."""

    def __init__(self) -> None:
        self._found: dict[FileProblem, None] = {}

    def add(self, path: FilePath, message: str) -> None:
        """Note a problem."""
        self._found.setdefault(FileProblem(path, message))

    def __iter__(self) -> Iterator[FileProblem]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def path_text(path: FilePath) -> str:
    """The path as TOML writes keys: accounts.alice.destinations."alice@example.org", routes[0].transport."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + key_text(part)
    return text


def key_text(key: str) -> str:
    """A key as it stands in TOML, in quotes where it needs them."""
    if _BARE.fullmatch(key):
        return key
    escaped = "".join(_escaped(character) for character in key)
    return f'"{escaped}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"
