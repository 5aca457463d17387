"""Archives, made by the programs that people use."""

import shutil
import subprocess
from pathlib import Path

import pytest

TAR_OPTIONS = {
    "tar": (),
    "tgz": ("-z",),
    "tar.bz2": ("-j",),
    "tar.xz": ("-J",),
    "tar.zst": ("--zstd",),
}
KINDS = ("zip", *TAR_OPTIONS)
_PACKERS = {"tgz": "gzip", "tar.bz2": "bzip2", "tar.xz": "xz", "tar.zst": "zstd", "zip": "zip"}


def packed(folder: Path, kind: str, *options: str) -> Path:
    """An archive of what is in `folder`, beside it. Skips the test where the program is missing."""
    for program in ("tar", _PACKERS.get(kind, "tar")):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    archive = folder.parent / f"{folder.name}.{kind}"
    if kind == "zip":
        command = ["zip", "-q", "-r", "-y", *options, str(archive), "."]
    else:
        command = ["tar", *TAR_OPTIONS[kind], *options, "-c", "-f", str(archive), "."]
    subprocess.run(command, cwd=folder, check=True)
    return archive


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Files below `folder`, by their paths."""
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder
