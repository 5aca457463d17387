"""The open tunnels of all edge processes of this machine, as they tell them."""

import contextlib
from pathlib import Path

from webserver.told import ask_edges
from webserver.websocket.listing import TUNNELS, Listing, decode


def told_tunnels(folder: Path) -> Listing:
    """All of them, the newest first. For threads that may wait."""
    listings = []
    for answer in ask_edges(folder, TUNNELS):
        with contextlib.suppress(ValueError):
            listings.append(decode(answer))
    tunnels = sorted(
        (tunnel for listing in listings for tunnel in listing.tunnels),
        key=lambda tunnel: tunnel.since,
        reverse=True,
    )
    return Listing(sum(listing.count for listing in listings), tuple(tunnels))
