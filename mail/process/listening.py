"""Opening the sockets that peers connect to.

The supervisor opens them before it gives up root and hands them to its children; a role that is started
alone opens its own.
"""

import errno
import ipaddress
import os
import socket
from collections.abc import Sequence

from mail.ip_address import IPAddress
from mail.process.unixpath import short_path

Sockets = dict[str, list[socket.socket]]
"""Listening sockets by the name of the service they are for."""

PORTS = {"smtp": 25, "submissions": 465, "submission": 587, "http": 80, "https": 443}
"""The well-known port of each service; MOXSITE_PORT_OFFSET is added to it."""

EVERY_IPV4 = ipaddress.IPv4Address("0.0.0.0")
EVERY_IPV6 = ipaddress.IPv6Address("::")
LOOPBACK = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))
BACKLOG = 1024


class CannotListen(Exception):
    """Sockets that could not be opened; `problems` has a sentence with the next step for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def listen_addresses(configured: Sequence[IPAddress]) -> tuple[IPAddress, ...]:
    """The addresses to listen on: those configured, else all of IPv4 and, where it is available, of IPv6."""
    if configured:
        return tuple(dict.fromkeys(configured))
    return (EVERY_IPV4, EVERY_IPV6) if can_bind(EVERY_IPV6) else (EVERY_IPV4,)


def can_bind(address: IPAddress) -> bool:
    """Whether this machine has the address."""
    try:
        with socket.socket(_family(address), socket.SOCK_STREAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def open_listening_sockets(
    services: Sequence[str], configured: Sequence[IPAddress], port_offset: int
) -> Sockets:
    """One listening socket for each service and address.

    Raises CannotListen with all problems at once; then no socket stays open.
    """
    sockets: Sockets = {service: [] for service in services}
    problems: list[str] = []
    for service in services:
        port = PORTS[service] + port_offset
        for address in listen_addresses(configured):
            try:
                sockets[service].append(_listen(address, port))
            except OSError as error:
                problems.append(_explain(error, address, port))
    if problems:
        close_sockets(sockets)
        raise CannotListen(problems)
    return sockets


def open_loopback_sockets(port: int) -> list[socket.socket]:
    """A listening socket at this port of every loopback address. Raises CannotListen."""
    sockets: list[socket.socket] = []
    for address in LOOPBACK:
        if address.version == 4 or can_bind(address):
            try:
                sockets.append(_listen(address, port))
            except OSError as error:
                close_sockets({"http": sockets})
                raise CannotListen([_explain(error, address, port)]) from error
    return sockets


def open_unix_socket(path: str) -> socket.socket:
    """A listening unix socket that only this user can connect to; one left over at `path` is replaced."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with short_path(path) as usable:
            if os.path.lexists(usable):
                os.unlink(usable)
            _bind_for_owner(listener, usable)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise CannotListen([f"The socket {path} can't be made: {error.strerror}."]) from error
    return listener


def close_sockets(sockets: Sockets) -> None:
    """Close all of them."""
    for group in sockets.values():
        for listener in group:
            listener.close()


def _listen(address: IPAddress, port: int) -> socket.socket:
    listener = socket.socket(_family(address), socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address.version == 6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((str(address), port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _bind_for_owner(listener: socket.socket, path: str) -> None:
    """By the mask, because between bind and a chmod somebody else might put a link there."""
    earlier = os.umask(0o177)
    try:
        listener.bind(path)
    finally:
        os.umask(earlier)


def _family(address: IPAddress) -> socket.AddressFamily:
    return socket.AF_INET6 if address.version == 6 else socket.AF_INET


def _explain(error: OSError, address: IPAddress, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {address} is in use by another program. Find it with “ss -ltnp sport = :{port}” "
            "and stop it, or choose other ports with MOXSITE_PORT_OFFSET."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"No permission to listen on port {port} of {address}. Start as root with --user NAME, allow it "
            "to the program (CAP_NET_BIND_SERVICE), or set MOXSITE_PORT_OFFSET=1000."
        )
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return f"This machine has no address {address} to open port {port} at. Correct MOXSITE_IPS."
    return f"Port {port} of {address} can't be opened: {error.strerror}."
