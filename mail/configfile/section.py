"""What an app contributes to the configuration file."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from mail.configfile.table import Table


class Phase(enum.IntEnum):
    """The order in which changes are made, so that none meets a state that the others have yet to end."""

    RELEASE = enum.auto()
    """Aliases, routes and addresses that go."""
    DOMAINS = enum.auto()
    TRANSPORTS = enum.auto()
    ACCOUNTS = enum.auto()
    ADDRESSES = enum.auto()
    """Addresses that come or change their account."""
    ALIASES = enum.auto()
    ROUTES = enum.auto()
    REMOVE = enum.auto()
    """Accounts, domains and transports that go, now that nothing of them is in use."""
    OTHER = enum.auto()


@dataclass(frozen=True, slots=True)
class Change:
    """One step from the configuration in the database to that of the file.

    `text` says it as a line that begins with +, - or ~; `effect`, if there is one, what else follows.
    `make` does it, inside the transaction of the whole file; it raises ValidationError when it can't.
    """

    phase: Phase
    text: str
    make: Callable[[], object] = field(repr=False)  # may know a password
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What whoever applies a file has agreed to."""

    remove_accounts: bool = False


C = TypeVar("C")


class Section(Protocol[C]):
    """One app's part of the file. `C` is the app's configuration as an immutable value."""

    def read(self, document: Table) -> C:
        """The configuration that the file describes; what is wrong is noted in the document's problems."""

    def stored(self) -> C:
        """The configuration in the database."""

    def write(self, configuration: C, document: dict[str, Any]) -> None:
        """Put the configuration into a document of plain tables, lists and values. Without secrets."""

    def plan(self, stored: C, wanted: C, document: Table, options: Options) -> list[Change]:
        """The changes that lead from one to the other; what forbids them is noted in the problems."""


@dataclass(frozen=True, slots=True)
class Difference(Generic[C]):
    """Old and new value under one key; None where it is not there."""

    key: str
    old: C | None
    new: C | None


def differences(old: dict[str, C], new: dict[str, C]) -> list[Difference[C]]:
    """What was removed, added or changed, by key."""
    return [
        Difference(key, old.get(key), new.get(key))
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    ]


def changed_fields(old: object, new: object, names: dict[str, str]) -> str:
    """The fields that differ, for a line of the diff: "full_name 'A' -> 'B'". `names`: attribute to key."""
    return ", ".join(
        f"{key} {shown(getattr(old, name))} -> {shown(getattr(new, name))}"
        for name, key in names.items()
        if getattr(old, name) != getattr(new, name)
    )


def shown(value: object) -> str:
    """A value as it is shown in a line of the diff."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "unset"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    return repr(value) if isinstance(value, str) else str(value)
