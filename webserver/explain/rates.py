"""How near a client is to its limits, as the edge processes of this machine count."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from webserver.told import ask_edges

RATES: Final = "rates"
"""The question that asks for it, with the client's address behind (webserver.telling)."""


@dataclass(frozen=True, slots=True)
class Use:
    """Requests of the last minute, in the process that counts most, and how many it admits."""

    count: int
    limit: int

    @property
    def is_over(self) -> bool:
        """Whether the next request would be refused."""
        return 0 < self.limit <= self.count


@dataclass(frozen=True, slots=True)
class ClientRates:
    """What is counted of one client."""

    client: str
    own: Use
    network: Use
    """Of the network around it."""
    handlers: Mapping[int, int]
    """Requests to handlers that have a limit, by the handlers' ids."""

    @property
    def is_over(self) -> bool:
        """Whether its next request would be refused, whatever it asks for."""
        return self.own.is_over or self.network.is_over


def encode(own: Use, network: Use, handlers: Mapping[int, int]) -> bytes:
    """What one process tells."""
    return json.dumps(
        {
            "own": [own.count, own.limit],
            "network": [network.count, network.limit],
            "handlers": {str(handler): count for handler, count in handlers.items()},
        }
    ).encode()


def told_rates(folder: Path, client: str) -> ClientRates | None:
    """Of a client, whose address is readable; None when no process tells. For threads that may wait."""
    told = [json.loads(answer) for answer in ask_edges(folder, f"{RATES} {client}")]
    if not told:
        return None
    handlers: dict[int, int] = {}
    for each in told:
        for handler, count in each["handlers"].items():
            handlers[int(handler)] = max(count, handlers.get(int(handler), 0))
    return ClientRates(
        client,
        Use(*max(each["own"] for each in told)),
        Use(*max(each["network"] for each in told)),
        handlers,
    )


def rate_line(rates: ClientRates | None) -> str:
    """In words; "" when nobody knows."""
    if rates is None:
        return ""
    if not rates.own.limit:
        return f"{rates.client} is of this machine, and not held back"
    verdict = "over its limit: answers 429" if rates.is_over else "within its limit"
    return (
        f"{rates.client} is {verdict} ({rates.own.count} of {rates.own.limit} requests in the last minute, "
        f"its network {rates.network.count} of {rates.network.limit})"
    )
