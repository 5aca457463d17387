"""Where uploaded files are: a folder for each import in the data directory, removed when it is over."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

MIN_FREE = 256 * 1024 * 1024
"""Bytes of the disk that imports leave to everything else."""


def import_folder(token: str) -> Path:
    """The folder of an import, which need not exist."""
    return Path(settings.DATA) / "imports" / token


def make_folder(token: str) -> Path:
    """The folder of an import, made if it is not there. Raises OSError."""
    folder = import_folder(token)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def remove_folder(token: str) -> None:
    """Remove the upload and all that was made beside it."""
    shutil.rmtree(import_folder(token), ignore_errors=True)


def free_bytes() -> int:
    """How much imports may still write to the disk of the data directory."""
    return max(0, shutil.disk_usage(settings.DATA).free - MIN_FREE)


@contextmanager
def being_run(token: str) -> Iterator[bool]:
    """Hold the lock that says that this process works on the import; False when another one does.

    The kernel drops it when the process ends, however it ends.
    """
    folder = make_folder(token)
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(file)


def holder_died(token: str) -> bool:
    """Whether somebody on this machine had begun to work on the import and is gone."""
    try:
        file = os.open(import_folder(token) / "lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True
