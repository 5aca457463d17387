"""What serve does from start to end."""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from mail.ip_address import IPAddress
from mail.process.listening import (
    CannotListen,
    Sockets,
    close_sockets,
    open_listening_sockets,
    open_loopback_sockets,
    open_unix_socket,
)
from moxsite.supervisor.locking import CannotLock, ServeLock
from moxsite.supervisor.privileges import CannotRunAs, RunAs, hand_over, run_as
from moxsite.supervisor.roles import PAGES_SOCKET, ROLES, Role, configured_counts, processes
from moxsite.supervisor.spawn import Surroundings, start_command
from moxsite.supervisor.supervisor import Supervisor

log = logging.getLogger(__name__)

_WEB = ("http", "https")

WAIT_FOR_PREDECESSOR_SECONDS = 15.0
"""Longer than the children of a killed serve may take to stop (mail.process.lifeline)."""


class CannotServe(Exception):
    """Serving can't start. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to serve. `prepare` is the command that gets the data directory ready, with its options."""

    user: str
    prepare: tuple[str, ...] = ("prepare",)
    hangup_stops: bool = False


def serve(options: ServeOptions, when_ready: Callable[[], None]) -> int:
    """Serve until a signal ends it; the exit status. Raises CannotServe."""
    data: Path = settings.DATA
    create_folders(data)
    try:
        lock = ServeLock(data / "run")
    except CannotLock as error:
        raise CannotServe(str(error)) from error
    try:
        lock.take(WAIT_FOR_PREDECESSOR_SECONDS)
        owner = run_as(options.user)
        sockets = open_sockets(ROLES, settings.MOXSITE_IPS, settings.MOXSITE_PORT_OFFSET, data)
        try:
            return _serve_with(options, when_ready, data, owner, sockets, lock)
        finally:
            close_sockets(sockets)
    except (CannotLock, CannotRunAs, CannotListen) as error:
        raise CannotServe(str(error)) from error
    finally:
        lock.release()


def create_folders(data: Path) -> None:
    """Make the data directory and its folders where they are missing, for the owner only.

    Raises CannotServe.
    """
    for folder in (data, data / "run", data / "secrets"):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CannotServe(
                f"The directory {folder} can't be made: {error.strerror}. Choose another with MOXSITE_DATA."
            ) from error


def open_sockets(
    roles: Sequence[Role], addresses: Sequence[IPAddress], port_offset: int, data: Path
) -> Sockets:
    """The sockets of all roles. Raises CannotListen."""
    services = [service for role in roles for service in role.services]
    behind_another = settings.MOXSITE_LOOPBACK_HTTP_PORT and "http" in services
    elsewhere = {PAGES_SOCKET, *(_WEB if behind_another else ())}
    sockets = open_listening_sockets(
        [service for service in services if service not in elsewhere], addresses, port_offset
    )
    if behind_another:
        try:
            sockets |= {"http": open_loopback_sockets(settings.MOXSITE_LOOPBACK_HTTP_PORT), "https": []}
        except CannotListen:
            close_sockets(sockets)
            raise
    if PAGES_SOCKET in services:
        try:
            sockets[PAGES_SOCKET] = [open_unix_socket(str(data / "run" / "pages.sock"))]
        except CannotListen:
            close_sockets(sockets)
            raise
    return sockets


def _serve_with(
    options: ServeOptions,
    when_ready: Callable[[], None],
    data: Path,
    owner: RunAs | None,
    sockets: Sockets,
    lock: ServeLock,
) -> int:
    if owner:
        hand_over(data, owner)
    lifeline, held_end = os.pipe()
    surroundings = Surroundings(data, owner, lifeline, lock.children)
    try:
        _prepare(options, surroundings)
        supervisor = Supervisor(
            processes(ROLES, configured_counts()),
            sockets,
            surroundings,
            when_ready=when_ready,
            hangup_stops=options.hangup_stops,
        )
        return supervisor.run()
    finally:
        os.close(lifeline)
        os.close(held_end)


def _prepare(options: ServeOptions, surroundings: Surroundings) -> None:
    """Get the data directory ready as the user who will use it: root leaves no files of its own there."""
    status = start_command(options.prepare, {}, surroundings).wait()
    if status != 0:
        raise CannotServe(f"The data directory could not be prepared (status {status}); see above.")
