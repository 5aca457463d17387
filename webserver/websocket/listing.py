"""Open tunnels as one process tells them to another: JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from mail import clock
from webserver.websocket.open_tunnels import OpenTunnel

TUNNELS: Final = "tunnels"
"""The question that asks for them (webserver.telling)."""

MOST: Final = 500
"""Tunnels of one process that are told; of more the newest."""

_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class ListedTunnel:
    """What there is to know of an open tunnel. Sizes are bytes so far."""

    handler: str
    url: str
    """Without its query, which often has a token in it."""
    client: str
    backend: str
    since: clock.Moment
    to_client: int
    from_client: int


@dataclass(frozen=True, slots=True)
class Listing:
    """How many tunnels there are, and the newest of them, which come first."""

    count: int
    tunnels: tuple[ListedTunnel, ...]


def encode(opened: Sequence[OpenTunnel]) -> bytes:
    """The tunnels of this process, given from the oldest to the newest."""
    newest = [asdict(_listed(each)) for each in reversed(opened[-MOST:])]
    return json.dumps({"count": len(opened), "tunnels": newest}).encode()


def decode(data: bytes) -> Listing:
    """What `encode` made. Raises ValueError for anything else."""
    try:
        told = json.loads(data)
        return Listing(int(told["count"]), tuple(ListedTunnel(**each) for each in told["tunnels"]))
    except (TypeError, KeyError) as error:
        raise ValueError("no list of tunnels") from error


def _listed(opened: OpenTunnel) -> ListedTunnel:
    tunnel = opened.tunnel
    return ListedTunnel(
        opened.handler,
        opened.url.partition("?")[0][:_LONGEST],
        opened.client,
        opened.backend.url,
        opened.since,
        tunnel.backend.received,
        tunnel.client.received,
    )
