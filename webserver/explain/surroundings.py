"""What `explain` knows of this moment: how backends are doing, and how near a client is to its limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from webserver.explain.rates import ClientRates, told_rates
from webserver.handlers.forward.health import BackendState
from webserver.handlers.forward.told import told_backends


@dataclass(frozen=True, slots=True)
class Moment:
    """As edge processes of this machine tell it; empty where there are none."""

    backends: Mapping[str, BackendState] = field(default_factory=dict)
    rates: ClientRates | None = None


def present(folder: Path, client: object) -> Moment:
    """What is so now. `folder` is that of the edge's notes, `client` an address or None."""
    return Moment(told_backends(folder), told_rates(folder, str(client)) if client else None)
