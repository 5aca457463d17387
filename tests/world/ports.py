"""Ports for the servers of tests.

They lie below those that the kernel gives to outgoing connections. Otherwise one of these could take a port
between the look and its use, or while a killed server is started again.
"""

import random
import socket
from collections.abc import Collection

_PORTS = range(10_000, 32_000)


def free_port() -> int:
    """A number that is free on loopback for TCP and UDP."""
    (port,) = free_ports(1)
    return port


def free_ports(count: int) -> list[int]:
    """Different free ports."""
    found: set[int] = set()
    while len(found) < count:
        port = random.choice(_PORTS)
        if _is_free(port):
            found.add(port)
    return list(found)


def free_offset(ports: Collection[int]) -> int:
    """A number which, added to these ports, gives free ones."""
    while True:
        offset = random.choice(_PORTS) - max(ports)
        if offset + min(ports) >= _PORTS.start and all(_is_free(port + offset) for port in ports):
            return offset


def _is_free(port: int) -> bool:
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
