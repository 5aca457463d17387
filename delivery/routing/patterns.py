"""Domain patterns of routes."""

from collections.abc import Sequence
from dataclasses import dataclass

from mail.addresses.domain import display_domain, normalise_domain


@dataclass(frozen=True, slots=True)
class DomainPattern:
    """What a route says about a domain.

    "example.com" is exactly that domain; ".example.com" is that domain and every subdomain; "." is the
    empty domain of the null envelope sender and of address literals (not every domain: for that, a route
    has no patterns). Made by `parse_pattern`.
    """

    domain: str
    suffix: str = ""

    def matches(self, domain: str) -> bool:
        """Whether the domain, as lower case A-labels or empty, is meant."""
        return domain == self.domain or (self.suffix != "" and domain.endswith(self.suffix))

    def __str__(self) -> str:
        """The pattern as it stands in the configuration, with A-labels."""
        return self.suffix or self.domain or "."

    def display(self) -> str:
        """The pattern for people, with U-labels."""
        return ("." if self.suffix else "") + display_domain(self.domain) if self.domain else "."


def parse_pattern(text: str) -> DomainPattern:
    """A pattern from the configuration, in either form of internationalised names.

    Raises mail.addresses.domain.AddressError.
    """
    text = text.strip()
    if text == ".":
        return DomainPattern("")
    domain = normalise_domain(text.removeprefix("."))
    return DomainPattern(domain, f".{domain}" if text.startswith(".") else "")


def parse_patterns(texts: Sequence[str]) -> tuple[DomainPattern, ...]:
    """All patterns of a route. Raises mail.addresses.domain.AddressError for the first wrong one."""
    return tuple(parse_pattern(text) for text in texts)


def matches_any(patterns: tuple[DomainPattern, ...], domain: str) -> bool:
    """Whether a pattern matches the domain; no patterns at all match every domain."""
    return not patterns or any(pattern.matches(domain) for pattern in patterns)
