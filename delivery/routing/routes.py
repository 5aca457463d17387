"""Routes: which mail leaves by which transport."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from delivery.routing.patterns import DomainPattern, matches_any
from mail.addresses.domain import display_domain

_NULL_SENDER: Final = "the null sender"
_NO_SENDER_DOMAIN: Final = "no domain (the null sender)"
_LITERALS: Final = "address literals"
_LITERAL: Final = "an address literal"


class Level(StrEnum):
    """Where a route is configured, in the order in which the levels are asked."""

    ACCOUNT = "account"
    DOMAIN = "domain"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of a route: what it wants, the value that it was compared with, and what came out."""

    name: str
    wanted: str
    compared: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Route:
    """One rule: mail from these domains to these domains, after so many attempts, takes this transport.

    No patterns mean every domain. `minimum_attempts` counts attempts already made: 0 or less matches at
    once, 1 from the second attempt on. `position` orders the routes of a level.
    """

    position: int
    from_domains: tuple[DomainPattern, ...]
    to_domains: tuple[DomainPattern, ...]
    minimum_attempts: int
    transport: str

    def matches(self, sender_domain: str, recipient_domain: str, attempts_made: int) -> bool:
        """Whether the route applies; the domains as lower case A-labels, empty where there is none."""
        return (
            attempts_made >= self.minimum_attempts
            and matches_any(self.to_domains, recipient_domain)
            and matches_any(self.from_domains, sender_domain)
        )

    def criteria(
        self, sender_domain: str, recipient_domain: str, attempts_made: int
    ) -> tuple[Criterion, ...]:
        """What `matches` asks, one by one, for people; the route applies when all of them hold."""
        return (
            Criterion(
                "from",
                _any_of(self.from_domains, _NULL_SENDER) or "any domain",
                display_domain(sender_domain) or _NO_SENDER_DOMAIN,
                matches_any(self.from_domains, sender_domain),
            ),
            Criterion(
                "to",
                _any_of(self.to_domains, _LITERALS) or "any domain",
                display_domain(recipient_domain) or _LITERAL,
                matches_any(self.to_domains, recipient_domain),
            ),
            Criterion(
                "attempts made",
                f"{self.minimum_attempts} or more" if self.minimum_attempts > 0 else "any number",
                str(attempts_made),
                attempts_made >= self.minimum_attempts,
            ),
        )

    def describe(self) -> str:
        """The condition for people: "from a.example to .b.example after 3 attempts"."""
        parts = []
        if self.from_domains:
            parts.append(f"from {_any_of(self.from_domains, _NULL_SENDER)}")
        if self.to_domains:
            parts.append(f"to {_any_of(self.to_domains, _LITERALS)}")
        if self.minimum_attempts > 0:
            parts.append(f"after {_attempts(self.minimum_attempts)}")
        return " ".join(parts) or "all mail"


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The routes that may concern one message, each level in its order.

    `account` are those of the account that sent it (empty when it is gone), `domain` those of the domain of
    its envelope sender (empty when that is not hosted here), `global_` those for all mail.
    """

    account: tuple[Route, ...] = ()
    domain: tuple[Route, ...] = ()
    global_: tuple[Route, ...] = ()

    def levels(self) -> tuple[tuple[Level, tuple[Route, ...]], ...]:
        """The levels in the order in which they are asked."""
        return (
            (Level.ACCOUNT, self.account),
            (Level.DOMAIN, self.domain),
            (Level.GLOBAL, self.global_),
        )


def _attempts(number: int) -> str:
    return f"{number} attempt" if number == 1 else f"{number} attempts"


def _any_of(patterns: tuple[DomainPattern, ...], empty: str) -> str:
    return " or ".join(pattern.display() if pattern.domain else empty for pattern in patterns)
