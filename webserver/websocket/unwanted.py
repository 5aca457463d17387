"""Which tunnels a new configuration leaves open."""

import logging
from typing import Final

from webserver.routing.values import ForwardSettings, WebSnapshot
from webserver.routing.verdicts import Verdict, judge
from webserver.websocket.open_tunnels import OpenTunnel, OpenTunnels

log = logging.getLogger(__name__)

REASON: Final = "its handler was removed or forwards elsewhere"

GRACE_SECONDS: Final = 10.0
"""How long both sides of a tunnel may take to end what they are saying."""


def is_still_forwarded(web: WebSnapshot, opened: OpenTunnel) -> bool:
    """Whether a handler would let the same client in and could take it to the same backend.

    Other handlers, and what else is changed of this one, are no reason to end what goes on.
    """
    request = opened.request
    return any(
        isinstance(handler.settings, ForwardSettings)
        and opened.backend in handler.settings.backends
        and judge(handler, request) is Verdict.RUNS
        for handler in web.handlers_of(request.host)
    )


def end_unwanted(tunnels: OpenTunnels, web: WebSnapshot) -> None:
    """Have those end, with grace, that are not forwarded any more."""
    unwanted = [opened for opened in tunnels if not is_still_forwarded(web, opened)]
    for opened in unwanted:
        opened.tunnel.end(GRACE_SECONDS, REASON)
    if unwanted:
        log.info("tunnels are ended", extra={"fields": {"tunnels": len(unwanted), "reason": REASON}})
