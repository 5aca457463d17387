"""The ws package of npm, and programs that use it."""

import os
import subprocess
from pathlib import Path

from tests.world import npm

VERSION = "8.23.0"


def node_modules() -> Path | str:
    """The folder with the package, or the reason why there is none."""
    return npm.node_modules("ws", VERSION)


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
