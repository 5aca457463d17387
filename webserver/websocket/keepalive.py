"""Finding out that a peer has vanished, on connections that may be silent for days."""

import socket
from typing import Final

from webserver.websocket.tunnel import Stream

IDLE_SECONDS: Final = 120
"""Silence after which the kernel asks whether the other side is still there."""

_OPTIONS: Final = tuple(
    (getattr(socket, name), value)
    for name, value in (("TCP_KEEPIDLE", IDLE_SECONDS), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))
    if hasattr(socket, name)
)


def keep_alive(stream: Stream) -> None:
    """Turn TCP's keep-alive probes on: an idle tunnel stays open, one whose other side is gone does not."""
    used = stream.get_extra_info("socket")
    if used is None or used.family not in (socket.AF_INET, socket.AF_INET6):
        return
    # The sockets that transports show ask the kernel for their address with everything they do.
    plain = socket.socket(used.family, used.type, used.proto, fileno=used.fileno())
    try:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _OPTIONS:
            plain.setsockopt(socket.IPPROTO_TCP, option, value)
    finally:
        plain.detach()
