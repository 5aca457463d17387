"""runweb alone: the processes of the web without the rest of serve."""

import os

from django.conf import settings

from mail.process.listening import Sockets, close_sockets
from moxsite.supervisor.roles import EDGE, PAGES, ROLES, Role, configured_counts, processes
from moxsite.supervisor.serve import open_sockets
from moxsite.supervisor.spawn import Surroundings
from moxsite.supervisor.supervisor import Supervisor


def supervise_web() -> int:
    """Run edge and pages processes until a signal ends them; the exit status. Raises CannotListen."""
    roles = [role for role in ROLES if role.command[:1] == ("runweb",)]
    sockets = _open(roles)
    lifeline, held_end = os.pipe()
    try:
        surroundings = Surroundings(settings.DATA, None, lifeline, None)
        wanted = processes(roles, configured_counts())
        return Supervisor(wanted, sockets, surroundings, when_ready=lambda: None).run()
    finally:
        os.close(lifeline)
        os.close(held_end)
        close_sockets(sockets)


def open_web_sockets(part: str) -> Sockets:
    """The sockets of one part of runweb, `EDGE` or `PAGES`. Raises CannotListen."""
    assert part in (EDGE, PAGES)
    return _open([role for role in ROLES if role.command == ("runweb", "--part", part)])


def _open(roles: list[Role]) -> Sockets:
    return open_sockets(roles, settings.MOXSITE_IPS, settings.MOXSITE_PORT_OFFSET, settings.DATA)
