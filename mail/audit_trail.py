"""Tells whoever keeps a log of changes what is changed otherwise than by saving rows one by one. Pure."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

Changes = Mapping[str, tuple[Any, Any]]
"""Of each field what it was and what it is."""


class Action(StrEnum):
    """What was done."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


Listener = Callable[[Action, str, str, Changes], None]
"""Called with what was done, to what sort of thing, to which one, and the fields."""

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """From now on tell this one, in the thread where something is changed."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(action: Action, kind: str, name: str, changes: Changes) -> None:
    """Something was changed. Listeners write to the database: not for event loops."""
    for listener in _listeners:
        listener(action, kind, name, changes)
