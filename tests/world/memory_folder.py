"""Temporary files in memory, where the machine offers that: thousands of databases are made and dropped."""

import os
import shutil
import tempfile
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")
_ENOUGH_BYTES = 4 * 1024**3


def use_memory_for_temporary_files() -> None:
    """For this process and its children, unless somebody has chosen a place with TMPDIR.

    Tests kill processes, never the machine: what was synced is as safe there as on a disk.
    """
    if "TMPDIR" in os.environ or not os.access(_SHARED_MEMORY, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(_SHARED_MEMORY).free < _ENOUGH_BYTES:
        return
    os.environ["TMPDIR"] = str(_SHARED_MEMORY)
    tempfile.tempdir = None
