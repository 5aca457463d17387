"""What each kind of handler does with a request. A new kind adds one line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from webserver.handlers.forward.outcome import forward_outcome
from webserver.handlers.internal.outcome import internal_outcome
from webserver.handlers.outcome import Outcome
from webserver.handlers.redirect.outcome import redirect_outcome
from webserver.handlers.static.outcome import static_outcome
from webserver.routing.request import Request
from webserver.routing.values import (
    ForwardSettings,
    Handler,
    InternalSettings,
    RedirectSettings,
    StaticSettings,
)

_OUTCOMES: Final[Mapping[type, Callable[[Any, Handler, Request], Outcome]]] = MappingProxyType(
    {
        StaticSettings: static_outcome,
        RedirectSettings: redirect_outcome,
        ForwardSettings: forward_outcome,
        InternalSettings: internal_outcome,
    }
)


def outcome(handler: Handler, request: Request) -> Outcome:
    """What the handler does with a request that it is asked for."""
    return _OUTCOMES[type(handler.settings)](handler.settings, handler, request)
