"""Clients from anywhere: the tests stand for a proxy that the server trusts."""

import contextlib
import ipaddress
from collections.abc import Iterator
from pathlib import Path

from delivery.smtp.server.backend import Service
from tests.world.smtp_dialogue import Dialogue
from tests.world.smtp_server import MailServer
from tests.world.world import World

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@contextlib.contextmanager
def proxied_server(world: World, folder: Path) -> Iterator[MailServer]:
    """All three ports, behind a proxy."""
    made = MailServer(world, folder)
    made.trusted_proxies = LOOPBACK
    made.start()
    try:
        yield made
    finally:
        made.stop()


def opening(ip: str) -> bytes:
    """What the proxy says of a client."""
    family = "TCP6" if ":" in ip else "TCP4"
    own = "2001:db8::1" if ":" in ip else "198.51.100.1"
    return f"PROXY {family} {ip} {own} 4711 25\r\n".encode()


def connect(server: MailServer, ip: str, service: Service = Service.SMTP) -> Dialogue:
    """A session after EHLO of a client there."""
    return server.connect(service, opening=opening(ip))


def log_in(server: MailServer, ip: str, username: str, password: str) -> str:
    """The reply to one AUTH on a connection of its own."""
    with connect(server, ip, Service.SUBMISSIONS) as client:
        return client.log_in(username, password)
