"""Websockets through moxsite, nginx and Caddy in turn, and directly."""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.figures import head, row, spread
from benchmarks.processor import memory_mb, processor_ms
from benchmarks.web_servers import WebServer, web_servers, what_is_missing

ROUNDS: Final = 3
SECONDS: Final = 3.0
IDLE: Final = 10_000


@dataclass(frozen=True)
class Load:
    """One column: the mode of the load, its connections, and what its result is multiplied with."""

    title: str
    mode: str
    connections: int
    times: float = 1.0


LOADS: Final = (
    Load("round trips/s, 1 connection", "rtt", 1),
    Load("32 connections", "rtt", 32),
    Load("one connection, 1 MiB messages, MB/s", "bulk", 1, (1 << 20) / 1e6),
    Load("new connections/s, 8 at once", "connect", 8),
)


def main() -> None:
    """Print the tables."""
    if missing := what_is_missing():
        print(f"not measured: {missing}")
        return
    with tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder, web_servers(Path(folder)) as servers:
        compare(servers)
        compare_idle(servers)


def compare(servers: list[WebServer]) -> None:
    """Print rates, and processor time of the server for a thousand round trips."""
    print(f"{ROUNDS} rounds in turn of {SECONDS:g} s: median (range); CPU of the server\n")
    rates: dict[tuple[str, str], list[float]] = {}
    processor: dict[str, list[float]] = {}
    for load in LOADS:
        for _ in range(ROUNDS):
            for server in servers:
                used = processor_ms([server.pid])
                rate = run(load.mode, server.port, load.connections, SECONDS)
                rates.setdefault((server.name, load.title), []).append(rate * load.times)
                if load.mode == "rtt" and load.connections > 1:
                    spent = (processor_ms([server.pid]) - used) * 1000 / (rate * SECONDS)
                    processor.setdefault(server.name, []).append(spent)
    head("server", *(load.title for load in LOADS), "CPU µs a round trip, 32 connections")
    for server in servers:
        cells = [spread(rates[server.name, load.title]) for load in LOADS]
        row(server.name, *cells, f"{statistics.median(processor[server.name]):.1f}")


def compare_idle(servers: Iterable[WebServer]) -> None:
    """Print what many websockets cost that say nothing."""
    print(f"\nMemory of all processes of the server with {IDLE:,} idle websockets\n")
    head("server", "MB before", "MB with them")
    for server in servers:
        before = memory_mb([server.pid])
        command = [*_COMMAND, "idle", str(server.port), str(IDLE), "3"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
            assert load.stdout is not None
            opened = load.stdout.readline().strip()
            during = memory_mb([server.pid])
        row(server.name, f"{before:.0f}", f"{during:.0f}" if opened == str(IDLE) else f"only {opened} opened")


def run(mode: str, port: int, connections: int, seconds: float) -> float:
    """The result of one load."""
    command = [*_COMMAND, mode, str(port), str(connections), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{mode} on port {port}: {done.stderr}")
    return float(done.stdout.split()[-1])


_COMMAND: Final = (sys.executable, "-m", "benchmarks.load.websocket")


if __name__ == "__main__":
    main()
