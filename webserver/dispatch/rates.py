"""How many requests clients may make.

Counted in each process for itself, in plain dictionaries: this stands before every request.
"""

from collections.abc import Hashable, Iterable
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
        self._cells: dict[Hashable, list[int]] = {}

    def take(self, subject: Hashable, limit: int, now: clock.Moment) -> bool:
        """Count it once more, if fewer than `limit` happened in the last minute; whether so."""
        minute = now // clock.MINUTE
        cell = self._cells.get(subject)
        if cell is None:
            if len(self._cells) >= MOST_COUNTED:
                self._forget_old(minute)
            self._cells[subject] = [minute, 1, 0]
            return limit > 0
        if cell[0] != minute:
            cell[2] = cell[1] if cell[0] == minute - 1 else 0
            cell[0], cell[1] = minute, 0
        if cell[1] + cell[2] >= limit and cell[1] + _still_of(cell[2], now) >= limit:
            return False
        cell[1] += 1
        return True

    def count(self, subject: Hashable) -> int:
        """How often it happened in the last minute, as `take` would count it."""
        now = clock.now()
        minute = now // clock.MINUTE
        cell = self._cells.get(subject)
        if cell is None or cell[0] < minute - 1:
            return 0
        return cell[1] + _still_of(cell[2], now) if cell[0] == minute else _still_of(cell[1], now)

    def _forget_old(self, minute: int) -> None:
        """What counts no more; if that is little, everything: nobody may fill the memory."""
        self._cells = {key: cell for key, cell in self._cells.items() if cell[0] >= minute - 1}
        if len(self._cells) > MOST_COUNTED // 2:
            self._cells.clear()


def _still_of(before: int, now: clock.Moment) -> int:
    """What still counts of the last minute."""
    return before * (clock.MINUTE - now % clock.MINUTE) // clock.MINUTE


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
        now = clock.now()
        return self._clients.take(client.name, OF_CLIENT, now) and self._networks.take(
            client.network, OF_NETWORK, now
        )

    def admits_to(self, handler: int, per_minute: int, address: str) -> bool:
        """The same for one handler, which may admit so many requests of a client in a minute."""
        subject = (handler, client_of(address).name or address)
        return self._handlers.take(subject, per_minute, clock.now())

    def told(self, address: str, handlers: Iterable[int]) -> bytes:
        """What is counted of a client, for `explain` (webserver.explain.rates)."""
        client = client_of(address)
        limits = (0, 0) if client.is_local else (OF_CLIENT, OF_NETWORK)
        return encode(
            Use(self._clients.count(client.name), limits[0]),
            Use(self._networks.count(client.network), limits[1]),
            {handler: self._handlers.count((handler, client.name or address)) for handler in handlers},
        )
