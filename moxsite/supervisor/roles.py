"""The processes that serve starts, in this order. Adding one touches this table only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

PAGES_SOCKET = "pages"
"""Name of the unix socket, run/pages.sock in the data directory, at which the pages process answers."""


EDGE = "edge"
PAGES = "pages"
"""Parts of runweb."""


class StopStage(IntEnum):
    """Serve stops one stage after the other: first what takes mail in, last what sends it out."""

    SMTP = 1
    WEB = 2
    PAGES = 3
    WORKER = 4


@dataclass(frozen=True, slots=True)
class Role:
    """One process, or as many as MOXSITE_EDGE_PROCESSES says.

    `command` is what follows manage.py; `services` are the sockets it inherits, by the names of
    mail.process.listening.PORTS, or `PAGES_SOCKET`; `grace_seconds` is how long it may take to stop.
    """

    name: str
    command: tuple[str, ...]
    services: tuple[str, ...]
    stop_stage: StopStage
    grace_seconds: float = 10.0
    many: bool = False


WORKER_GRACE_SECONDS = 30.0
"""Enough for a large message that a slow server is taking just now; what is cut off is repeated."""

ROLES: tuple[Role, ...] = (
    Role("smtp", ("runsmtp",), ("smtp", "submission", "submissions"), StopStage.SMTP),
    Role("pages", ("runweb", "--part", PAGES), (PAGES_SOCKET,), StopStage.PAGES),
    Role("web", ("runweb", "--part", EDGE), ("http", "https"), StopStage.WEB, many=True),
    Role("delivery", ("runworker", "--jobs", "delivery"), (), StopStage.WORKER, WORKER_GRACE_SECONDS),
    Role("background", ("runworker", "--jobs", "background"), (), StopStage.WORKER, WORKER_GRACE_SECONDS),
)


def processes(roles: Sequence[Role], edge_processes: int) -> list[Role]:
    """A role for each process; all but the first of several have a number."""
    found = []
    for role in roles:
        found.append(role)
        if role.many:
            found += [replace(role, name=f"{role.name}-{number}") for number in range(2, edge_processes + 1)]
    return found
