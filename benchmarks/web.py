"""Static files, forwarding and websockets of moxsite, nginx and Caddy, in turn. The load is wrk."""

import re
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import websockets
from benchmarks.figures import head, row, spread
from benchmarks.processor import processor_ms
from benchmarks.web_servers import HOST, WebServer, web_servers, what_is_missing

ROUNDS: Final = 3
SECONDS: Final = 3


@dataclass(frozen=True)
class Load:
    """One column: a path, and how many connections ask for it all the time."""

    title: str
    path: str
    connections: int


LOADS: Final = (
    Load("forward 1 KiB, 1 connection", "/forward/1k", 1),
    Load("forward 1 KiB, 64", "/forward/1k", 64),
    Load("static 1 KiB, 1", "/static/1k", 1),
    Load("static 1 KiB, 64", "/static/1k", 64),
    Load("static 100 KiB, 64", "/static/100k", 64),
)


def main() -> None:
    """Print the tables."""
    if missing := what_is_missing():
        print(f"not measured: {missing}")
        return
    with tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder, web_servers(Path(folder)) as servers:
        compare(servers)
        print()
        websockets.compare(servers)
        websockets.compare_idle(servers)


def compare(servers: list[WebServer]) -> None:
    """Print requests a second, and processor time of the server for each."""
    print(f"{ROUNDS} rounds in turn of {SECONDS} s, requests/s: median (range); CPU µs of the server\n")
    rates: dict[tuple[str, Load], list[float]] = {}
    processor: dict[tuple[str, Load], list[float]] = {}
    for load in LOADS:
        for server in servers:
            ask(server.port, load, 1)
        for _ in range(ROUNDS):
            for server in servers:
                used = processor_ms([server.pid])
                rate, requests = ask(server.port, load, SECONDS)
                spent = (processor_ms([server.pid]) - used) * 1000 / requests
                rates.setdefault((server.name, load), []).append(rate)
                processor.setdefault((server.name, load), []).append(spent)
    head("server", *(title for load in LOADS for title in (load.title, "CPU µs")))
    for server in servers:
        cells: list[str] = []
        for load in LOADS:
            cells += [
                spread(rates[server.name, load]),
                f"{statistics.median(processor[server.name, load]):.0f}",
            ]
        row(server.name, *cells)


def ask(port: int, load: Load, seconds: int) -> tuple[float, int]:
    """Requests a second, and how many there were. Raises RuntimeError when not all answers were right."""
    url = f"http://127.0.0.1:{port}{load.path}"
    command = ["wrk", "-t1", f"-c{load.connections}", f"-d{seconds}", "-H", f"Host: {HOST}", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    requests = re.search(r"(\d+) requests in", done.stdout)
    if rate is None or requests is None or "Non-2xx" in done.stdout:
        raise RuntimeError(f"{load.path} on port {port}: {done.stdout}{done.stderr}")
    return float(rate[1]), int(requests[1])


if __name__ == "__main__":
    main()
