"""Websockets through moxsite, nginx and Caddy in turn."""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.figures import head, row
from benchmarks.in_turn import Load, Work, compare
from benchmarks.processor import memory_mb
from benchmarks.web_servers import WebServer, web_servers, what_is_missing

IDLE: Final = 10_000
"""Websockets, if one process may have two descriptors for each."""
SPARE_DESCRIPTORS: Final = 200


def main() -> None:
    """Print the tables."""
    if missing := what_is_missing():
        print(f"not measured: {missing}")
        return
    with tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder, web_servers(Path(folder)) as servers:
        measure(servers)


def measure(servers: Sequence[WebServer]) -> None:
    """Print the rates, and the memory that idle websockets take."""
    compare(servers, LOADS)
    idle = min(IDLE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE_DESCRIPTORS) // 2)
    print(f"\nMegabytes of all processes of the server with {idle:,} idle websockets\n")
    head("server", "before", "with them")
    for server in servers:
        row(server.name, *_memory_with_idle(server, idle))


def _memory_with_idle(server: WebServer, idle: int) -> tuple[str, str]:
    before = memory_mb([server.pid])
    command = [*_COMMAND, "idle", str(server.port), str(idle), "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
        assert load.stdout is not None
        opened = load.stdout.readline().strip()
        during = memory_mb([server.pid])
        load.communicate()
    return f"{before:.0f}", f"{during:.0f}" if opened == str(idle) else f"only {opened or 'few'} opened"


def _ask(mode: str, connections: int, times: float, port: int, seconds: int) -> Work:
    command = [*_COMMAND, mode, str(port), str(connections), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{mode} on port {port}: {done.stderr}")
    rate = float(done.stdout.split()[-1])
    return Work(rate * times, rate * seconds)


_COMMAND: Final = (sys.executable, "-m", "benchmarks.load.websocket")

_MIB: Final = (1 << 20) / 1e6

LOADS: Final = (
    Load("websocket round trips, 1 connection", partial(_ask, "rtt", 1, 1.0)),
    Load("websocket round trips, 32", partial(_ask, "rtt", 32, 1.0)),
    Load("websocket, 1 MiB messages on one connection, MB", partial(_ask, "bulk", 1, _MIB)),
    Load("new websockets, 8 at once", partial(_ask, "connect", 8, 1.0)),
)


if __name__ == "__main__":
    main()
