"""Routes: which mail leaves by which transport."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from delivery.routing.patterns import DomainPattern, matches_any
from mail.addresses.domain import display_domain

_NULL_SENDER: Final = "the null sender"
_LITERALS: Final = "address literals"


class Level(StrEnum):
    """Where a route is configured, in the order in which the levels are asked."""

    ACCOUNT = "account"
    DOMAIN = "domain"
    GLOBAL = "global"


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

    def why_not(self, sender_domain: str, recipient_domain: str, attempts_made: int) -> str:
        """Everything that keeps the route from applying, for people; "" when it applies."""
        reasons = []
        if not matches_any(self.from_domains, sender_domain):
            wanted = _any_of(self.from_domains, _NULL_SENDER)
            reasons.append(f"for mail from {wanted}, not from {_one(sender_domain, _NULL_SENDER)}")
        if not matches_any(self.to_domains, recipient_domain):
            wanted = _any_of(self.to_domains, _LITERALS)
            reasons.append(f"for mail to {wanted}, not to {_one(recipient_domain, _LITERALS)}")
        if attempts_made < self.minimum_attempts:
            reasons.append(f"for mail after {_attempts(self.minimum_attempts)}, so far {attempts_made}")
        return "; ".join(reasons)


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


def _one(domain: str, empty: str) -> str:
    return display_domain(domain) if domain else empty
