"""Opening what a path below a root leads to, and nothing outside of it. Touches the disk: for threads."""

import errno
import os
import stat
from dataclasses import dataclass
from typing import Final

_FLAGS: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class Missing(Exception):
    """There is no such file for us."""


class TooLong(Exception):
    """No file can have such a name."""


class Denied(Exception):
    """There is something, but it may not be read."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A regular file or a folder. Who gets it closes `descriptor`."""

    descriptor: int
    status: os.stat_result

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.status.st_mode)


def open_below(root: str, below: str, *, follow_symlinks: bool) -> Opened:
    """Open the file. `below` is "" or begins with a slash and has no dot segments.

    Where a link led is asked after opening, so that nobody can exchange it in between. Raises Missing,
    TooLong, Denied and OSError.
    """
    path = root.rstrip("/") + below if below else root
    if "\0" in path:
        raise Missing
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise _meaning(error) from error
    try:
        status = os.fstat(descriptor)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise Denied
        if not follow_symlinks and not _is_inside(descriptor, path, root):
            raise Denied
    except BaseException:
        os.close(descriptor)
        raise
    return Opened(descriptor, status)


def _is_inside(descriptor: int, path: str, root: str) -> bool:
    try:
        real = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        real = os.path.realpath(path)
    inside = os.path.realpath(root)
    return real == inside or real.startswith(inside.rstrip("/") + "/")


def _meaning(error: OSError) -> Exception:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR | errno.ELOOP | errno.EINVAL | errno.EILSEQ | errno.ENXIO:
            return Missing()
        case errno.ENAMETOOLONG:
            return TooLong()
        case errno.EACCES | errno.EPERM:
            return Denied()
    return error
