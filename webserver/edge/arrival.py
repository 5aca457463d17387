"""A client's connection at its begin: which version of HTTP it will speak, and who a proxy says it is of."""

import asyncio
from typing import TYPE_CHECKING, Protocol, cast

from mail.proxy_protocol import ProxiedAddresses
from webserver.edge.connection import Connection
from webserver.edge.http2.connection import Http2Connection
from webserver.routing.request import Scheme

if TYPE_CHECKING:
    from webserver.edge.edge import Edge


class ClientConnection(Protocol):
    """What the edge does with a connection of either version."""

    def stop(self) -> None:
        """Close when what is under way has ended."""

    def abort_exchange(self) -> None:
        """Close at once."""


class Arrival(asyncio.Protocol):
    """The protocol of a connection until it is open, which in TLS is when the handshake is done."""

    def __init__(self, edge: "Edge", scheme: Scheme, told: ProxiedAddresses | None = None) -> None:
        """`told`: what a trusted proxy says of its client."""
        self._edge = edge
        self._scheme = scheme
        self._told = told

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand it over to what speaks the version that was agreed on."""
        encryption = transport.get_extra_info("ssl_object")
        chosen = encryption.selected_alpn_protocol() if encryption is not None else None
        connection: Connection | Http2Connection
        connection = Http2Connection(self._edge) if chosen == "h2" else Connection(self._edge, self._scheme)
        cast("asyncio.Transport", transport).set_protocol(connection)
        connection.connection_made(transport)
        if self._told is not None:
            connection.peer = self._told.remote_address
            connection.peer_bytes = connection.peer.encode("ascii")
            connection.local_port = self._told.local_port
