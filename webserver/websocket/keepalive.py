"""Probes on connections whose sockets we get from somebody else."""

import socket

from mail.ip_address import is_loopback
from webserver.edge import probes
from webserver.routing.values import Backend
from webserver.websocket.tunnel import Stream


def keep_alive(stream: Stream) -> None:
    """An idle tunnel stays open, one whose other side is gone does not."""
    used = stream.get_extra_info("socket")
    if used is None:
        return
    # The sockets that transports show ask the kernel for their address with everything they do.
    plain = socket.socket(used.family, used.type, used.proto, fileno=used.fileno())
    try:
        probes.keep_alive(plain)
    finally:
        plain.detach()


def is_on_this_machine(backend: Backend) -> bool:
    """Whether its end is told to us by the kernel that we share, so that nobody need ask."""
    return bool(backend.unix_socket) or backend.host == "localhost" or is_loopback(backend.host)
