"""What a kind of web handler consists of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mail.kinds.fields import Field
from mail.kinds.reader import FieldProblem, SettingsReader
from webserver.handlers.outcome import Outcome
from webserver.routing.request import Request
from webserver.routing.values import Handler, HandlerSettings


@dataclass(frozen=True, slots=True)
class Place:
    """Where the handler is, as far as settings depend on it."""

    domain: str = ""
    dont_redirect_plain_http: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its settings from and to the configuration, and what it does with a request, in words.

    `parse` makes of the settings the value of `settings_type`, and notes what is wrong with them in the
    reader. `fields` are the settings for people; `purpose` says what the kind does and `target` where
    requests end with these settings.
    """

    name: str
    settings_type: type[Any]
    parse: Callable[[SettingsReader, Place], HandlerSettings]
    outcome: Callable[[Any, Handler, Request], Outcome]
    fields: tuple[Field, ...]
    purpose: str
    target: Callable[[Mapping[str, object]], str]

    def read(
        self, settings: Mapping[str, object], place: Place
    ) -> tuple[HandlerSettings, list[FieldProblem]]:
        """The settings, of use only when the list of everything that is wrong with them is empty."""
        reader = SettingsReader(settings, "handler")
        result = self.parse(reader, place)
        reader.finish()
        return result, reader.problems
