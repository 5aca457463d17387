"""Unix sockets in deep directories: a socket address holds only 107 bytes of path (unix(7))."""

import contextlib
import os
from collections.abc import Iterator

LONGEST_PATH = 107


@contextlib.contextmanager
def short_path(path: str) -> Iterator[str]:
    """A path of the same socket that is short enough for bind, connect or sendto, valid inside the block.

    Longer ones go through the directory's descriptor in /proc, which only Linux has. Raises OSError.
    """
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield path
        return
    folder, name = os.path.split(path)
    descriptor = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{name}"
    finally:
        os.close(descriptor)
