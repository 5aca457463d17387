"""daphne with upgrades in a process of its own, which forwards all of them to where a test says."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tests.world.forwarding import Forwarding


class UpgradingDaphne:
    """The process. `port` is where it listens on loopback, `tls_port` where it does with TLS."""

    def __init__(self, folder: Path, certificate: tuple[Path, Path]) -> None:
        self._log, self._file = folder / "daphne.log", folder / "forwarding.json"
        arguments = [str(self._file), *map(str, certificate)]
        with self._log.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.world.serve_upgrading_daphne", *arguments],
                stdout=subprocess.PIPE,
                stderr=file,
                env={**os.environ, "PYTHONPATH": os.getcwd()},
            )
        assert self._process.stdout is not None
        lines = [self._process.stdout.readline() for _ in range(2)]
        assert all(lines), f"daphne does not start:\n{self.log}"
        ports = dict(line.decode().split() for line in lines)
        self.port, self.tls_port = int(ports["tcp"]), int(ports["ssl"])

    def use(self, forwarding: Forwarding) -> None:
        """Forward handshakes there from now on."""
        self._file.write_text(json.dumps(asdict(forwarding)))

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
