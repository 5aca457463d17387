"""What a redirect handler does with a request."""

from webserver.handlers.outcome import Outcome
from webserver.handlers.redirect.location import Leads, LeadsToItself, redirect_location
from webserver.routing.request import Request
from webserver.routing.values import Handler, RedirectSettings


def redirect_outcome(settings: RedirectSettings, handler: Handler, request: Request) -> Outcome:
    """The same decision as at run time."""
    found = redirect_location(settings, request)
    if isinstance(found, LeadsToItself):
        return Outcome(False, "it would lead to the same URL again")
    if isinstance(found, Leads):
        return Outcome(True, f"redirects with {settings.status_code}", found.location, settings.status_code)
    pattern = settings.path_regexp.pattern if settings.path_regexp else ""
    return Outcome(True, f"“{pattern}” is not in the path: answers 404", status=404)
