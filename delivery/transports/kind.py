"""What a kind of transport consists of."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from delivery.transports.fields import Field, SecretField
from delivery.transports.group import DeliveryContext, Group, GroupResult
from delivery.transports.settings import FieldProblem, InvalidSettings, SettingsReader, TransportSettings

Deliver = Callable[[Any, Group, DeliveryContext], Coroutine[Any, Any, GroupResult]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its settings from and to the configuration, and how it delivers.

    `parse` makes of the settings what `deliver` takes, and notes what is wrong with them in the reader.
    `fields` are the settings for people; `purpose` says what the kind does, `advice` which SPF and DKIM
    records it needs, and `target` where mail with these settings goes. `by_domain`: each recipient domain is
    a next hop of its own.
    """

    name: str
    parse: Callable[[SettingsReader], TransportSettings]
    deliver: Deliver
    fields: tuple[Field, ...] = ()
    purpose: str = ""
    advice: str = ""
    target: Callable[[Mapping[str, object]], str] = lambda settings: ""
    by_domain: bool = False

    def validate(self, settings: Mapping[str, object]) -> list[FieldProblem]:
        """Everything that is wrong with the settings."""
        return self._parse(settings)[1]

    def read(self, settings: Mapping[str, object]) -> TransportSettings:
        """What `deliver` takes. Raises InvalidSettings for settings in which `validate` finds problems."""
        result, problems = self._parse(settings)
        if problems:
            raise InvalidSettings(problems)
        return result

    @property
    def secrets(self) -> tuple[str, ...]:
        """The settings that are never shown."""
        return tuple(field.name for field in self.fields if isinstance(field, SecretField))

    def _parse(self, settings: Mapping[str, object]) -> tuple[TransportSettings, list[FieldProblem]]:
        reader = SettingsReader(settings)
        result = self.parse(reader)
        reader.finish()
        return result, reader.problems
