"""An empty folder on a machine whose DNS is ours, to run quickstart in."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.program.running import PATIENCE, ROOT, clean_environment


@dataclass
class Folder:
    """An empty folder on a machine whose DNS is ours."""

    path: Path
    offset: int
    nameserver: tuple[str, int]

    @property
    def environment(self) -> dict[str, str]:
        found = clean_environment(
            self.path / "data", PYTHONPATH=str(ROOT), MOXSITE_IPS="127.0.0.1",
            MOXSITE_PORT_OFFSET=str(self.offset), MOXSITE_RESOLVER="{}:{}".format(*self.nameserver),
            MOXSITE_PUBLIC_IPS="192.0.2.1",
        )  # fmt: skip
        del found["MOXSITE_DATA"]
        return found

    def manage(self, *arguments: str, bare: bool = False) -> "subprocess.CompletedProcess[str]":
        """Run a command here; `bare`: without any variable, so that the settings come from the file."""
        environment = self.environment
        if bare:
            environment = {
                name: value for name, value in environment.items() if not name.startswith("MOXSITE_")
            }
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.run(
            command, env=environment, cwd=self.path, capture_output=True, text=True, timeout=PATIENCE
        )
