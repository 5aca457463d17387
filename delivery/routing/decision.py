"""Choosing the transport of a delivery attempt, and explaining the choice."""

from dataclasses import dataclass, field
from typing import Final

from delivery.routing.routes import Criterion, Level, Route, RouteTable

_BUILT_IN: Final = "no route matches: direct delivery"


@dataclass(frozen=True, slots=True)
class Examined:
    """A route beside the decision: all its criteria, and whether it is the one that decides.

    A route behind the deciding one is not asked, whatever its criteria say.
    """

    level: Level
    number: int
    rule: str
    transport: str
    criteria: tuple[Criterion, ...]
    decides: bool
    asked: bool

    @property
    def matches(self) -> bool:
        """Whether all criteria hold."""
        return all(criterion.holds for criterion in self.criteria)


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
    def examined(self) -> tuple[Examined, ...]:
        """Every route of the three levels in the order in which they are asked."""
        values = (self._sender_domain, self._recipient_domain, self._attempts_made)
        found: list[Examined] = []
        asked = True
        for level, routes in self._table.levels():
            for number, route in enumerate(routes, 1):
                decides = level is self.level and number == self.number
                rule = _name(level, number, route)
                criteria = route.criteria(*values)
                found.append(Examined(level, number, rule, route.transport, criteria, decides, asked))
                asked = asked and not decides
        return tuple(found)


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
