"""The tunnels of this process."""

import asyncio
from collections.abc import Iterator

from mail import clock
from webserver.metrics import OPEN_TUNNELS, TUNNELS
from webserver.routing.values import Backend
from webserver.websocket.tunnel import Stream, Tunnel
from webserver.websocket.upgrade import Upgrade


class OpenTunnel:
    """A tunnel, and what there is to know of it as long as it is open; no more, as there may be many."""

    __slots__ = (
        "_connection",
        "_tunnels",
        "backend",
        "client",
        "handler",
        "request",
        "since",
        "tunnel",
        "url",
    )

    def __init__(
        self, tunnels: "OpenTunnels", upgrade: Upgrade, backend: Backend, streams: tuple[Stream, Stream]
    ) -> None:
        self._tunnels = tunnels
        self._connection = upgrade.connection
        self.handler = upgrade.handler.name
        self.request = upgrade.request
        self.client = upgrade.client
        self.url = upgrade.url
        self.backend = backend
        self.since = clock.now()
        self.tunnel = Tunnel(*streams, self._closed)

    def _closed(self) -> None:
        self._tunnels.forget(self)
        self._connection.tunnel_closed(self.tunnel)


class OpenTunnels:
    """All tunnels that are open; to be used on one event loop."""

    def __init__(self) -> None:
        self._open: dict[OpenTunnel, None] = {}
        self._ending: tuple[float, str] | None = None
        self._emptied: asyncio.Future[None] | None = None

    def add(self, upgrade: Upgrade, backend: Backend, client: Stream, stream: Stream) -> Tunnel:
        """A tunnel between a client and the stream of a backend, which is open until it is closed."""
        opened = OpenTunnel(self, upgrade, backend, (client, stream))
        self._open[opened] = None
        TUNNELS.add(opened.handler)
        OPEN_TUNNELS.add(opened.handler)
        if self._ending is not None:
            asyncio.get_running_loop().call_soon(opened.tunnel.end, *self._ending)  # it has yet to begin
        return opened.tunnel

    def forget(self, opened: OpenTunnel) -> None:
        """It is closed."""
        del self._open[opened]
        OPEN_TUNNELS.add(opened.handler, amount=-1)
        if self._emptied is not None and not self._open and not self._emptied.done():
            self._emptied.set_result(None)

    def __iter__(self) -> Iterator[OpenTunnel]:
        """From the oldest to the newest."""
        return iter(list(self._open))

    def __len__(self) -> int:
        return len(self._open)

    async def end(self, grace_seconds: float, reason: str) -> None:
        """End all of them, and those that open meanwhile; returns when they are closed."""
        self._ending = grace_seconds, reason
        for opened in self:
            opened.tunnel.end(grace_seconds, reason)
        if self._open:
            self._emptied = asyncio.get_running_loop().create_future()
            await self._emptied
        self._ending = None


open_tunnels = OpenTunnels()
"""Those of this process."""
