"""Starting a management command as a child process."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mail.process.inherited import SOCKETS_VARIABLE, describe_sockets
from mail.process.lifeline import PARENT_VARIABLE, READY_VARIABLE
from mail.process.listening import Sockets
from moxsite.logs.levels import flag
from moxsite.supervisor.privileges import RunAs

MANAGE = Path(__file__).resolve().parent.parent.parent / "manage.py"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all children share: user, data directory, and the descriptors that they hold while they live.

    `lifeline` is the reading end of a pipe whose other end only the supervisor has. `lock` is that of serve;
    None for a supervisor of its own part alone.
    """

    data: Path
    owner: RunAs | None
    lifeline: int
    lock: int | None


def command_line(command: Sequence[str]) -> list[str]:
    """The words that run a management command as this program was run."""
    level = flag()
    return [sys.executable, str(MANAGE), *(["--loglevel", level] if level else []), *command]


def start_command(
    command: Sequence[str], sockets: Sockets, surroundings: Surroundings, *, ready: int | None = None
) -> subprocess.Popen[bytes]:
    """Start the command with these sockets; into `ready` it reports that it serves. Raises OSError.

    Children get process groups of their own, so that Ctrl-C in a terminal reaches the supervisor alone.
    """
    descriptors = [listener.fileno() for group in sockets.values() for listener in group]
    descriptors += [own for own in (ready, surroundings.lock) if own is not None]
    owner = surroundings.owner
    return subprocess.Popen(
        command_line(command),
        stdin=subprocess.DEVNULL,
        pass_fds=(*descriptors, surroundings.lifeline),
        env=_environment(sockets, surroundings, ready),
        process_group=0,
        user=owner.user if owner else None,
        group=owner.group if owner else None,
        extra_groups=owner.groups if owner else None,
    )


def _environment(sockets: Sockets, surroundings: Surroundings, ready: int | None) -> Mapping[str, str]:
    return {
        **os.environ,
        **(surroundings.owner.environment() if surroundings.owner else {}),
        "MOXSITE_DATA": str(surroundings.data),
        SOCKETS_VARIABLE: describe_sockets(sockets),
        PARENT_VARIABLE: str(surroundings.lifeline),
        **({} if ready is None else {READY_VARIABLE: str(ready)}),
    }
