"""The processes that serve starts, in this order. Adding one touches this table only."""

from dataclasses import dataclass
from enum import IntEnum

PAGES_SOCKET = "pages"
"""Name of the unix socket, run/pages.sock in the data directory, at which the pages process answers."""


class StopStage(IntEnum):
    """Serve stops one stage after the other: first what takes mail in, last what sends it out."""

    SMTP = 1
    WEB = 2
    WORKER = 3


@dataclass(frozen=True, slots=True)
class Role:
    """One process.

    `command` is what follows manage.py; `services` are the sockets it inherits, by the names of
    mail.process.listening.PORTS, or `PAGES_SOCKET`; `grace_seconds` is how long it may take to stop.
    """

    name: str
    command: tuple[str, ...]
    services: tuple[str, ...]
    stop_stage: StopStage
    grace_seconds: float = 10.0


WORKER_GRACE_SECONDS = 30.0
"""Enough for a large message that a slow server is taking just now; what is cut off is repeated."""

ROLES: tuple[Role, ...] = (
    Role("smtp", ("runsmtp",), ("smtp", "submission", "submissions"), StopStage.SMTP),
    Role("web", ("runweb",), ("http", "https", PAGES_SOCKET), StopStage.WEB),
    Role("delivery", ("runworker", "--jobs", "delivery"), (), StopStage.WORKER, WORKER_GRACE_SECONDS),
    Role("background", ("runworker", "--jobs", "background"), (), StopStage.WORKER, WORKER_GRACE_SECONDS),
)
