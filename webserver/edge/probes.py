"""Finding out that a peer has vanished, on connections that may be silent for days."""

import socket
from typing import Final

IDLE_SECONDS: Final = 120
"""Silence after which the kernel asks whether the other side is still there."""

_OPTIONS: Final = tuple(
    (getattr(socket, name), value)
    for name, value in (("TCP_KEEPIDLE", IDLE_SECONDS), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))
    if hasattr(socket, name)
)


def keep_alive(used: socket.socket) -> None:
    """Turn TCP's keep-alive probes on. What a listening socket accepts has what it has itself."""
    if used.family not in (socket.AF_INET, socket.AF_INET6):
        return
    used.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _OPTIONS:
        used.setsockopt(socket.IPPROTO_TCP, option, value)
