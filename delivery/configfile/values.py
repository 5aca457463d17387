"""Transports and routes as values, equal when they mean the same. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Level = tuple[str, str]
"""Where a list of routes stands: ("account", name), ("domain", name) or GLOBAL."""

GLOBAL: Level = ("global", "")


@dataclass(frozen=True, slots=True)
class TransportValue:
    """A transport without its password. `kind` is "" for plain direct delivery."""

    kind: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RouteValue:
    """A route; domains with A-labels."""

    from_domains: tuple[str, ...]
    to_domains: tuple[str, ...]
    minimum_attempts: int
    transport: str


@dataclass(frozen=True, slots=True)
class DeliveryConfiguration:
    """Transports by name, and the routes of each level that has any.

    `passwords` are those that the file sets, by transport; "" removes one. The stored configuration never
    shows any.
    """

    transports: dict[str, TransportValue] = field(default_factory=dict)
    routes: dict[Level, tuple[RouteValue, ...]] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
