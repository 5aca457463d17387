"""The user whom all processes but the supervisor run as."""

import logging
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)


class CannotRunAs(Exception):
    """The processes can't run as the wanted user. The text says why."""


@dataclass(frozen=True, slots=True)
class RunAs:
    """A user with all groups; what children become before their program starts."""

    name: str
    user: int
    group: int
    groups: tuple[int, ...]
    home: str

    def environment(self) -> dict[str, str]:
        """Variables that name the user."""
        return {"HOME": self.home, "USER": self.name, "LOGNAME": self.name}


def run_as(name: str) -> RunAs | None:
    """The user with this name; None for an empty name, which means to stay who we are.

    Raises CannotRunAs when there is no such user, it is root, or we may not become it.
    """
    if not name:
        if os.geteuid() == 0:
            log.warning("all processes run as root; name a user with --user or MOXSITE_RUN_AS")
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise CannotRunAs(
            f"There is no user {name!r}. Create it (useradd --system {name}) or name another with --user."
        ) from None
    if entry.pw_uid == os.geteuid():
        return None
    if os.geteuid() != 0:
        raise CannotRunAs(
            f"Only root can start processes as {name}. Start serve as root, or as {name} without --user."
        )
    groups = tuple(os.getgrouplist(name, entry.pw_gid))
    return RunAs(name, entry.pw_uid, entry.pw_gid, groups, entry.pw_dir)


def hand_over(folder: Path, owner: RunAs) -> None:
    """Give the folder and all in it to the user.

    The user may have filled the folder with traps for us: links are changed themselves and never followed,
    and a file with several names stays as it is, because one of them may lie elsewhere.
    """
    os.chown(folder, owner.user, owner.group, follow_symlinks=False)
    for path, folders, files, descriptor in os.fwalk(folder, follow_symlinks=False):
        for name in (*folders, *files):
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if status.st_uid == owner.user:
                continue
            if not stat.S_ISDIR(status.st_mode) and status.st_nlink > 1:
                log.warning(
                    "not handed over, it has several names",
                    extra={"fields": {"path": os.path.join(path, name)}},
                )
                continue
            os.chown(name, owner.user, owner.group, dir_fd=descriptor, follow_symlinks=False)
