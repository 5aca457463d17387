"""A client's connection, whatever version of HTTP it speaks."""

import asyncio
from typing import cast

from webserver.edge.limits import WRITE_BUFFER


class ClientProtocol(asyncio.Protocol):
    """Knows its other end: address, our port that it came to, and the version of TLS, empty in the clear."""

    __slots__ = ("local_port", "peer", "peer_bytes", "tls_version", "transport")

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.peer = ""
        self.peer_bytes = b""
        self.local_port = 0
        self.tls_version = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        # uvloop's transports are not of asyncio's classes.
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER)
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self.peer = peer[0].partition("%")[0]
            self.peer_bytes = self.peer.encode("ascii")
            self.local_port = transport.get_extra_info("sockname")[1]
        encryption = transport.get_extra_info("ssl_object")
        if encryption is not None:
            self.tls_version = encryption.version() or ""
