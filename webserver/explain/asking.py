"""What a handler would do, with a look at what is not known from the configuration alone."""

import os
from dataclasses import replace

from webserver.explain.rates import Use
from webserver.explain.surroundings import Moment
from webserver.handlers.kinds import outcome
from webserver.handlers.outcome import Outcome
from webserver.handlers.static.below import path_below
from webserver.handlers.static.serving.finding import ADD_SLASH, File, Found, Listing, NotServed, find
from webserver.routing.decision import Asking
from webserver.routing.request import Request
from webserver.routing.values import ForwardSettings, Handler, StaticSettings


def asking(moment: Moment) -> Asking:
    """What handlers do at this moment, with limits and backends as they are."""

    def ask_now(handler: Handler, request: Request) -> Outcome:
        limit, rates = handler.rate_per_minute, moment.rates
        if limit and rates is not None:
            use = Use(rates.handlers.get(handler.id, 0), limit)
            told = f"{rates.client} has made {use.count} of the {limit} requests a minute that it admits"
            if use.is_over:
                return Outcome(True, f"answers 429: {told}", "", 429)
            found = _ask_backends(handler, request, moment)
            return replace(found, reason=f"{found.reason}; {told}")
        return _ask_backends(handler, request, moment)

    return ask_now


def _ask_backends(handler: Handler, request: Request, moment: Moment) -> Outcome:
    settings = handler.settings
    if not isinstance(settings, ForwardSettings):
        return ask(handler, request)
    states = [moment.backends.get(backend.url) for backend in settings.backends]
    problems = [state.problem if state is not None else "" for state in states]
    first = next((number for number, problem in enumerate(problems) if not problem), 0)
    ordered = settings.backends[first:] + settings.backends[:first]
    found = ask(replace(handler, settings=replace(settings, backends=ordered)), request)
    unwell = [
        f"; {backend.url} is asked last: {problem}"
        for backend, problem in zip(settings.backends, problems, strict=True)
        if problem
    ]
    well = [state for state, problem in zip(states, problems, strict=True) if state and not problem]
    health = "; its health check passes" if well and well[0].checked else ""
    return replace(found, reason=f"{found.reason}{health}{''.join(unwell)}")


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
