"""The open tunnels of all edge processes of this machine, as they tell them."""

import socket
from pathlib import Path
from typing import Final

from mail.process.unixpath import short_path
from webserver.websocket.listing import Listing, decode
from webserver.websocket.telling import PREFIX

_SECONDS: Final = 2.0
"""How long a process may take; one that is busier than that is left out."""


def told_tunnels(folder: Path) -> Listing:
    """All of them, the newest first. For threads that may wait."""
    listings = [_told(path) for path in folder.glob(f"{PREFIX}*")]
    tunnels = sorted(
        (tunnel for listing in listings for tunnel in listing.tunnels),
        key=lambda tunnel: tunnel.since,
        reverse=True,
    )
    return Listing(sum(listing.count for listing in listings), tuple(tunnels))


def _told(path: Path) -> Listing:
    try:
        with socket.socket(socket.AF_UNIX) as connection, short_path(str(path)) as usable:
            connection.settimeout(_SECONDS)
            connection.connect(usable)
            data = b""
            while piece := connection.recv(65536):
                data += piece
        return decode(data)
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)  # of a process that was killed
    except (OSError, ValueError):
        pass
    return Listing(0, ())
