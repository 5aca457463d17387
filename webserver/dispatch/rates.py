"""How many requests clients may make.

Counted in each process for itself, in plain dictionaries: this stands before every request.
"""

from collections.abc import Iterable
from typing import Final

from mail import clock
from mail.limiter.clients import client_of
from webserver.explain.rates import Use, encode

OF_CLIENT: Final = 6000
OF_NETWORK: Final = 30_000
"""Requests a minute of one client, and of the network around it, that a process serves."""

MOST_COUNTED: Final = 50_000


class MinuteCounts:
    """How often things happened lately: in this minute, and the part of the last one that is not over yet."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, str], list[int]] = {}

    def take(self, kind: int, subject: str, limit: int) -> bool:
        """Count it once more, if fewer than `limit` happened in the last minute; whether so."""
        minute, into = divmod(clock.now(), clock.MINUTE)
        cell = self._cells.get((kind, subject))
        if cell is None:
            if len(self._cells) >= MOST_COUNTED:
                self._forget_old(minute)
            self._cells[(kind, subject)] = [minute, 1, 0]
            return limit > 0
        if cell[0] != minute:
            cell[2] = cell[1] if cell[0] == minute - 1 else 0
            cell[0], cell[1] = minute, 0
        if cell[1] + cell[2] * (clock.MINUTE - into) // clock.MINUTE >= limit:
            return False
        cell[1] += 1
        return True

    def count(self, kind: int, subject: str) -> int:
        """How often it happened in the last minute, as `take` would count it."""
        minute, into = divmod(clock.now(), clock.MINUTE)
        cell = self._cells.get((kind, subject))
        if cell is None or cell[0] < minute - 1:
            return 0
        now, before = (cell[1], cell[2]) if cell[0] == minute else (0, cell[1])
        return now + before * (clock.MINUTE - into) // clock.MINUTE

    def _forget_old(self, minute: int) -> None:
        """What counts no more; if that is little, everything: nobody may fill the memory."""
        self._cells = {key: cell for key, cell in self._cells.items() if cell[0] >= minute - 1}
        if len(self._cells) > MOST_COUNTED // 2:
            self._cells.clear()


class Rates:
    """Programs on this machine are not held back, except by handlers."""

    def __init__(self) -> None:
        self._clients = MinuteCounts()
        self._networks = MinuteCounts()
        self._handlers = MinuteCounts()

    def admits(self, address: str) -> bool:
        """Count a request; whether there is room for it."""
        client = client_of(address)
        if client.is_local:
            return True
        return self._clients.take(0, client.name, OF_CLIENT) and self._networks.take(
            0, client.network, OF_NETWORK
        )

    def admits_to(self, handler: int, per_minute: int, address: str) -> bool:
        """The same for one handler, which may admit so many requests of a client in a minute."""
        return self._handlers.take(handler, client_of(address).name or address, per_minute)

    def told(self, address: str, handlers: Iterable[int]) -> bytes:
        """What is counted of a client, for `explain` (webserver.explain.rates)."""
        client = client_of(address)
        limits = (0, 0) if client.is_local else (OF_CLIENT, OF_NETWORK)
        return encode(
            Use(self._clients.count(0, client.name), limits[0]),
            Use(self._networks.count(0, client.network), limits[1]),
            {handler: self._handlers.count(handler, client.name or address) for handler in handlers},
        )
