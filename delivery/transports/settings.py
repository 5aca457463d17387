"""What the settings of every kind of transport have, and what they are read with."""

from dataclasses import dataclass
from typing import Protocol

from mail.kinds.reader import FieldProblem, InvalidSettings, SettingsReader

__all__ = ["FieldProblem", "InvalidSettings", "NoSettings", "SettingsReader", "TransportSettings"]


class TransportSettings(Protocol):
    """What the settings of every kind have. 0: no limit."""

    @property
    def max_connections(self) -> int:
        """Connections to one destination at once, of all workers together."""

    @property
    def max_messages_per_minute(self) -> int:
        """Messages to one destination within a minute, from all workers together."""


@dataclass(frozen=True, slots=True)
class NoSettings:
    """Settings of a transport that has none."""

    max_connections: int = 0
    max_messages_per_minute: int = 0
