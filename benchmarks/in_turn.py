"""Loads on several web servers, which are asked in turn: what each manages, and what it costs."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.figures import head, row, spread
from benchmarks.processor import processor_ms
from benchmarks.web_servers import WebServer

ROUNDS: Final = 3
SECONDS: Final = 1


@dataclass(frozen=True)
class Work:
    """What a server has done under a load: how much a second in the unit of the row, and how many pieces."""

    rate: float
    pieces: float


@dataclass(frozen=True)
class Load:
    """One row: it asks the server on a port for so many seconds."""

    title: str
    ask: Callable[[int, int], Work]


def compare(servers: Sequence[WebServer], loads: Sequence[Load]) -> None:
    """Print a row for each load as soon as it is measured."""
    print(
        f"{ROUNDS} rounds in turn of {SECONDS} s: median (range), and processor time of the server in µs for"
        " each request, message or connection\n"
    )
    head("", *(server.name for server in servers))
    for load in loads:
        rates: dict[str, list[float]] = {server.name: [] for server in servers}
        costs: dict[str, list[float]] = {server.name: [] for server in servers}
        for _ in range(ROUNDS):
            for server in servers:
                before = processor_ms([server.pid])
                work = load.ask(server.port, SECONDS)
                costs[server.name].append((processor_ms([server.pid]) - before) * 1000 / work.pieces)
                rates[server.name].append(work.rate)
        cells = [f"{spread(rates[name])}; {statistics.median(costs[name]):.0f} µs" for name in rates]
        row(load.title, *cells)
