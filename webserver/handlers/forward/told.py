"""How backends are doing, as the edge processes of this machine tell it."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

from webserver.handlers.forward.health import BACKENDS, BackendState, decode, merged
from webserver.told import ask_edges


def told_backends(folder: Path) -> Mapping[str, BackendState]:
    """By URL; backends that nobody has asked for yet are missing. For threads that may wait."""
    told = []
    for answer in ask_edges(folder, BACKENDS):
        with contextlib.suppress(ValueError):
            told.append(decode(answer))
    return merged(told)
