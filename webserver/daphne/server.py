"""daphne's server with upgrades."""

from collections.abc import Callable
from typing import Any, TypeAlias

from daphne.http_protocol import HTTPFactory
from daphne.server import Server

from mail import clock
from webserver.daphne.request import UpgradableRequest
from webserver.websocket.tunnel import Tunnel
from webserver.websocket.upgrade import Upgrade

Choosing: TypeAlias = Callable[[UpgradableRequest], Upgrade | None]
"""Where a websocket goes; None leaves the request to daphne and its application."""


class _Factory(HTTPFactory):  # type: ignore[misc]  # daphne has no types
    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = UpgradableRequest
        return protocol


class UpgradingServer(Server):  # type: ignore[misc]
    """Its application must know the scope type of upgrades. Other requests are answered as ever.

    `choosing` is asked about every websocket handshake.
    """

    def __init__(self, application: Any, *, choosing: Choosing, **options: Any) -> None:
        super().__init__(application, **options)
        self._choosing = choosing

    @property
    def http_factory(self) -> Any:
        """What makes the protocol of a new connection."""
        return self._factory

    @http_factory.setter
    def http_factory(self, made: Any) -> None:
        # daphne's own run() makes one and has no other place to say which.
        self._factory = made if isinstance(made, _Factory) else _Factory(self)

    def upgrade_of(self, request: UpgradableRequest) -> Upgrade | None:
        """Where this handshake goes, if it is forwarded."""
        return self._choosing(request)

    def tunnel_closed(self, request: UpgradableRequest, tunnel: Tunnel) -> None:
        """Both connections of a tunnel are gone."""
        fields = {
            "status": 101,
            "sizetoclient": tunnel.backend.received,
            "sizefromclient": tunnel.client.received,
            "error": tunnel.error,
        }
        self.log_action("websocket", "closed", fields)

    def now(self) -> float:
        """Seconds since the epoch, as daphne counts the age of requests."""
        return clock.now() / clock.SECOND
