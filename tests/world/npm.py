"""Packages of npm, each installed once outside of the repository."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "moxsite-tests"


def node_modules(package: str, version: str) -> Path | str:
    """The folder that has the package, or the reason why there is none."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    place = _CACHE / f"{package}-{version}"
    if not (place / "node_modules" / package).is_dir():
        _CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_CACHE) as folder:
            wanted = f"{package}@{version}"
            command = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", wanted]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
            except subprocess.TimeoutExpired:
                return "npm can't reach its registry"
            if done.returncode:
                return f"npm can't install {package}: {done.stderr.strip()[-200:]}"
            if not place.exists():
                Path(folder).rename(place)
                Path(folder).mkdir()
    return place / "node_modules"
