"""The tunnels of this process."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from mail import clock
from webserver.metrics import OPEN_TUNNELS, TUNNELS
from webserver.routing.values import Backend
from webserver.websocket.tunnel import Tunnel
from webserver.websocket.upgrade import Upgrade


@dataclass(frozen=True, slots=True, eq=False)
class OpenTunnel:
    """A tunnel and what it was opened for."""

    upgrade: Upgrade
    backend: Backend
    tunnel: Tunnel
    since: clock.Moment = field(default_factory=clock.now)


class OpenTunnels:
    """All tunnels that are open; to be used on one event loop."""

    def __init__(self) -> None:
        self._open: dict[OpenTunnel, None] = {}

    @contextlib.contextmanager
    def holding(self, opened: OpenTunnel) -> Iterator[None]:
        """Count a tunnel as open for the time of the block."""
        handler = opened.upgrade.handler.name
        self._open[opened] = None
        TUNNELS.add(handler)
        OPEN_TUNNELS.add(handler)
        try:
            yield
        finally:
            del self._open[opened]
            OPEN_TUNNELS.add(handler, amount=-1)

    def __iter__(self) -> Iterator[OpenTunnel]:
        """From the oldest to the newest."""
        return iter(list(self._open))

    def __len__(self) -> int:
        return len(self._open)

    async def end(self, grace_seconds: float, reason: str) -> None:
        """End all of them; returns when they are closed."""
        ending = [opened.tunnel for opened in self]
        for tunnel in ending:
            tunnel.end(grace_seconds, reason)
        await asyncio.gather(*(asyncio.shield(tunnel.closed) for tunnel in ending))


open_tunnels = OpenTunnels()
"""Those of this process."""
