"""How backends are doing, as one process tells it to another: JSON. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from mail import clock

BACKENDS: Final = "backends"
"""The question that asks for it (webserver.telling)."""


@dataclass(frozen=True, slots=True)
class BackendState:
    """One backend, as an edge process sees it."""

    url: str
    problem: str
    """Why others are asked first; "" while it is well."""
    checked: clock.Moment
    """When a health check had its last result; 0 where there is none."""


def encode(states: Iterable[BackendState]) -> bytes:
    """The states of one process."""
    return json.dumps([asdict(state) for state in states]).encode()


def decode(data: bytes) -> list[BackendState]:
    """What `encode` made. Raises ValueError for anything else."""
    try:
        return [BackendState(**each) for each in json.loads(data)]
    except TypeError as error:
        raise ValueError("no list of backends") from error


def merged(told: Iterable[list[BackendState]]) -> Mapping[str, BackendState]:
    """What all processes say, by URL: a problem that one of them has counts."""
    found: dict[str, BackendState] = {}
    for states in told:
        for state in states:
            before = found.get(state.url)
            if before is None or (bool(state.problem), state.checked) > (
                bool(before.problem),
                before.checked,
            ):
                found[state.url] = state
    return found
