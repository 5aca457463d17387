"""The web configuration as people give it: what pages, the file and the database exchange. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class HandlerValue:
    """A handler without its passwords. `settings` are those of its kind, as in the configuration file."""

    kind: str
    domain: str = ""
    path: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    disabled: bool = False
    dont_redirect_plain_http: bool = False
    compress: bool = False
    users: tuple[str, ...] = ()
    """Who may come in with a password, sorted; empty lets everyone in."""
    allow_networks: tuple[str, ...] = ()
    rate_per_minute: int = 0

    @property
    def label(self) -> str:
        """The name for logs, metrics and people. It stays when handlers are moved."""
        return self.name or f"{self.domain}{self.path.removeprefix('^')}"


@dataclass(frozen=True, slots=True)
class WebConfiguration:
    """All of it. `passwords`, for each handler by user, are those to be set; they are never read back."""

    redirects: Mapping[str, str] = field(default_factory=dict)
    handlers: tuple[HandlerValue, ...] = ()
    passwords: tuple[Mapping[str, str], ...] = field(default=(), repr=False, compare=False)
