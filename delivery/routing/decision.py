"""Choosing the transport of a delivery attempt, and explaining the choice."""

from dataclasses import dataclass, field
from typing import Final

from delivery.routing.routes import Level, Route, RouteTable

_BUILT_IN: Final = "no route matches: direct delivery"


@dataclass(frozen=True, slots=True)
class Considered:
    """A route that was asked before the decision and did not apply."""

    level: Level
    number: int
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Which transport an attempt takes, by which route.

    `transport` is None for built-in direct delivery; then `level` is None and `number` is 0. Otherwise
    `number` counts the routes of the level from 1. The texts are made only when they are read.
    """

    transport: str | None
    level: Level | None
    number: int
    _table: RouteTable = field(repr=False)
    _sender_domain: str
    _recipient_domain: str
    _attempts_made: int

    @property
    def rule(self) -> str:
        """The deciding route for people: 'account rule 1 "to example.net"'."""
        for level, routes in self._table.levels():
            if level is self.level:
                return _name(level, self.number, routes[self.number - 1])
        return _BUILT_IN

    @property
    def considered(self) -> tuple[Considered, ...]:
        """The routes that were asked before and did not apply, in order, with the reason for each."""
        trail: list[Considered] = []
        for level, routes in self._table.levels():
            for number, route in enumerate(routes, 1):
                if level is self.level and number == self.number:
                    return tuple(trail)
                reason = route.why_not(self._sender_domain, self._recipient_domain, self._attempts_made)
                trail.append(Considered(level, number, _name(level, number, route), reason))
        return tuple(trail)


def decide(table: RouteTable, *, sender_domain: str, recipient_domain: str, attempts_made: int) -> Decision:
    """The transport for the next attempt: that of the first route that matches.

    Asked are the routes of the account, then of the domain, then the global ones. Domains are lower case
    A-labels; the null envelope sender has the empty domain, and an address literal counts as empty.
    """
    sender = "" if sender_domain.startswith("[") else sender_domain
    recipient = "" if recipient_domain.startswith("[") else recipient_domain
    for level, routes in table.levels():
        for number, route in enumerate(routes, 1):
            if route.matches(sender, recipient, attempts_made):
                return Decision(route.transport, level, number, table, sender, recipient, attempts_made)
    return Decision(None, None, 0, table, sender, recipient, attempts_made)


def _name(level: Level, number: int, route: Route) -> str:
    return f'{level} rule {number} "{route.describe()}"'
