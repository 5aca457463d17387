"""The processes that serve starts, in this order. Adding one touches this table only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from django.conf import settings

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
    """One process, or several that share its sockets.

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
    Role("pages", ("runweb", "--part", PAGES), (PAGES_SOCKET,), StopStage.PAGES),
    Role("web", ("runweb", "--part", EDGE), ("http", "https"), StopStage.WEB),
    Role("delivery", ("runworker", "--jobs", "delivery"), (), StopStage.WORKER, WORKER_GRACE_SECONDS),
    Role("background", ("runworker", "--jobs", "background"), (), StopStage.WORKER, WORKER_GRACE_SECONDS),
)


def processes(roles: Sequence[Role], counts: Mapping[str, int]) -> list[Role]:
    """A role for each process; `counts` says by name which have several. All but the first have a number."""
    found = []
    for role in roles:
        found.append(role)
        numbers = range(2, counts.get(role.name, 1) + 1)
        found += [replace(role, name=f"{role.name}-{number}") for number in numbers]
    return found


def configured_counts() -> dict[str, int]:
    """What the settings say of roles that may have several processes."""
    return {"smtp": settings.MOXSITE_SMTP_PROCESSES, "web": settings.MOXSITE_EDGE_PROCESSES}
