"""Which handler of a new list is which one of the old, when only their values are known. Pure."""

from collections.abc import Callable, Hashable, Sequence
from typing import Final

from webserver.configuration.values import HandlerValue


def match_handlers(old: Sequence[HandlerValue], new: Sequence[HandlerValue]) -> list[int | None]:
    """For each new handler the position of the old one that it continues; None for one that is new.

    The same value comes first, then the same name, then the same domain, path and kind.
    """
    found: list[int | None] = [None] * len(new)
    free = list(range(len(old)))
    for key in _KEYS:
        for position, value in enumerate(new):
            wanted = key(value)
            if found[position] is None and wanted is not None:
                same = next((each for each in free if key(old[each]) == wanted), None)
                if same is not None:
                    found[position] = same
                    free.remove(same)
    return found


def _whole(value: HandlerValue) -> Hashable:
    return repr((value.label, value.kind, value.disabled, sorted(value.settings.items()), value.users))


def _name(value: HandlerValue) -> Hashable:
    return value.name or None


def _place(value: HandlerValue) -> Hashable:
    return (value.domain, value.path, value.kind)


_KEYS: Final[tuple[Callable[[HandlerValue], Hashable], ...]] = (_whole, _name, _place)
