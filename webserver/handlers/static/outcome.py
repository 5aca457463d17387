"""What a static handler does with a request, before anybody looks at the disk."""

from webserver.handlers.outcome import Outcome
from webserver.handlers.static.below import path_below
from webserver.routing.request import Request
from webserver.routing.values import Handler, StaticSettings


def static_outcome(settings: StaticSettings, handler: Handler, request: Request) -> Outcome:
    """Methods and prefixes are known; whether the file is there, webserver.explain.asking tells."""
    goes_on = settings.continue_not_found
    if request.method not in ("GET", "HEAD"):
        return _refused(f"files can’t be asked for by {request.method}", 405, goes_on=goes_on)
    below = path_below(settings, request.path.decoded)
    if below is None:
        return _refused(f"the path is not below {settings.strip_prefix}", 404, goes_on=goes_on)
    return Outcome(True, "serves a file", settings.root.rstrip("/") + below)


def _refused(reason: str, status: int, *, goes_on: bool) -> Outcome:
    if goes_on:
        return Outcome(False, f"{reason}, and it continues when nothing is found")
    return Outcome(True, f"{reason}: answers {status}", status=status)
