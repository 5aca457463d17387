"""The ws package of npm, installed once outside of the repository, and programs that use it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

VERSION = "8.23.0"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "moxsite-tests" / f"ws-{VERSION}"


def node_modules() -> Path | str:
    """The folder with the package, or the reason why there is none."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    if not (_CACHE / "node_modules" / "ws").is_dir():
        _CACHE.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_CACHE.parent) as folder:
            command = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", f"ws@{VERSION}"]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
            except subprocess.TimeoutExpired:
                return "npm can't reach its registry"
            if done.returncode:
                return f"npm can't install ws: {done.stderr.strip()[-200:]}"
            if not _CACHE.exists():
                Path(folder).rename(_CACHE)
                Path(folder).mkdir()
    return _CACHE / "node_modules"


def run_node(program: str, modules: Path, *arguments: str) -> str:
    """What a program prints. Fails the test when it fails."""
    done = subprocess.run(
        ["node", "-e", program, *arguments],
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
