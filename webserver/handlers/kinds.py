"""The kinds of web handlers there are. A new kind is one folder beside this file and one line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from webserver.handlers.forward import kind as forward
from webserver.handlers.internal import kind as internal
from webserver.handlers.kind import Kind
from webserver.handlers.outcome import Outcome
from webserver.handlers.redirect import kind as redirect
from webserver.handlers.static import kind as static
from webserver.routing.request import Request
from webserver.routing.values import Handler

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {kind.name: kind for kind in (static.KIND, redirect.KIND, forward.KIND, internal.KIND)}
)
_BY_TYPE: Final = {kind.settings_type: kind for kind in KINDS.values()}


def outcome(handler: Handler, request: Request) -> Outcome:
    """What the handler does with a request that it is asked for."""
    return kind_of(handler).outcome(handler.settings, handler, request)


def kind_of(handler: Handler) -> Kind:
    """The kind of a handler."""
    return _BY_TYPE[type(handler.settings)]
