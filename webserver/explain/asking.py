"""What a handler would do, with a look at what is not known from the configuration alone."""

import os
from dataclasses import replace

from webserver.handlers.kinds import outcome
from webserver.handlers.outcome import Outcome
from webserver.handlers.static.below import path_below
from webserver.handlers.static.serving.finding import ADD_SLASH, File, Found, Listing, NotServed, find
from webserver.routing.request import Request
from webserver.routing.values import ForwardSettings, Handler, StaticSettings


def ask(handler: Handler, request: Request) -> Outcome:
    """Look for the file of a static handler as it does, and say of a forward whether it is a websocket's."""
    found = outcome(handler, request)
    if isinstance(handler.settings, StaticSettings) and found.takes and found.status is None:
        return _look(handler.settings, found, request)
    if isinstance(handler.settings, ForwardSettings) and _is_upgrade(request):
        return replace(found, reason=f"{found.reason}, as a websocket")
    return found


def _is_upgrade(request: Request) -> bool:
    tokens = request.headers.get("upgrade", "").lower().split(",")
    return "websocket" in (token.strip() for token in tokens)


def _look(settings: StaticSettings, outcome: Outcome, request: Request) -> Outcome:
    below = path_below(settings, request.path.decoded) or ""
    try:
        found = find(settings, below, (), may_compress=False)
    except OSError as error:
        return replace(outcome, reason=f"{outcome.target} can’t be read ({error.strerror})", status=500)
    _close(found)
    if isinstance(found, Listing):
        return replace(outcome, reason="lists the folder", status=200)
    if isinstance(found, File):
        return replace(outcome, status=200)
    if found is ADD_SLASH:
        query = f"?{request.query}" if request.query else ""
        return Outcome(True, "redirects to the folder", f"{request.path.raw}/{query}", found.status)
    return _not_served(settings, outcome, found)


def _not_served(settings: StaticSettings, outcome: Outcome, found: NotServed) -> Outcome:
    there_is = "nothing is found at" if found.status == 404 else "nothing may be shown of"
    reason = f"{there_is} {outcome.target}"
    if found.may_continue and settings.continue_not_found:
        return Outcome(False, f"{reason}, and it continues when nothing is found")
    return Outcome(True, f"{reason}: answers {found.status}", status=found.status)


def _close(found: Found) -> None:
    if isinstance(found, File) and found.descriptor >= 0:
        os.close(found.descriptor)
