"""The login page at the edge, and from daphne alone at its unix socket, in turn: what the edge adds."""

import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.figures import head, row, spread
from benchmarks.processor import processor_ms
from benchmarks.web_servers import behind, moxsite, what_is_missing

ROUNDS: Final = 5
CONNECTIONS: Final = 4
PAGES: Final = 50
"""Asked for by each connection in a round, one after the other."""

_REQUEST: Final = (
    b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 127.0.0.1\r\n"
    b"X-Forwarded-Host: localhost\r\nX-Forwarded-Proto: http\r\n\r\n"
)

Connect = Callable[[], socket.socket]


def main() -> None:
    """Print the table."""
    if missing := what_is_missing():
        print(f"not measured: {missing}")
        return
    with tempfile.TemporaryDirectory(prefix="moxsite-bench-") as name, behind(Path(name)) as servers:
        folder = Path(name) / "moxsite"
        with moxsite(folder, servers, edges=1) as server:
            ways: dict[str, Connect] = {
                "daphne alone": partial(_connect_unix, folder / "data" / "run" / "pages.sock"),
                "through the edge": partial(socket.create_connection, ("127.0.0.1", server.port), 60),
            }
            _compare(ways, server.pid)


def _compare(ways: dict[str, Connect], pid: int) -> None:
    rates: dict[str, list[float]] = {way: [] for way in ways}
    costs: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(ROUNDS + 1):
        for way, connect in ways.items():
            before, began = processor_ms([pid]), time.perf_counter()
            _ask(connect)
            seconds = time.perf_counter() - began
            spent = processor_ms([pid]) - before
            if number:  # the first round warms up
                rates[way].append(CONNECTIONS * PAGES / seconds)
                costs[way].append(spent / (CONNECTIONS * PAGES))
    head("the login page", "pages/s", "CPU ms a page, all processes")
    for way in ways:
        row(way, spread(rates[way]), f"{statistics.median(costs[way]):.2f}")


def _ask(connect: Connect) -> None:
    threads = [threading.Thread(target=_ask_on, args=(connect,)) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _ask_on(connect: Connect) -> None:
    with connect() as connection, connection.makefile("rb") as answers:
        for _ in range(PAGES):
            connection.sendall(_REQUEST)
            if not answers.readline().startswith(b"HTTP/1.1 200"):
                raise RuntimeError("no page came")
            length = 0
            while (line := answers.readline().lower()) != b"\r\n":
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            answers.read(length)


def _connect_unix(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(60)
    connection.connect(str(path))
    return connection


if __name__ == "__main__":
    main()
