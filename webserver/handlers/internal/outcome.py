"""What an internal handler does with a request."""

from webserver.handlers.outcome import Outcome
from webserver.routing.request import Request
from webserver.routing.values import Handler, InternalSettings


def internal_outcome(settings: InternalSettings, handler: Handler, request: Request) -> Outcome:
    """Paths below its base belong to the service; the base without its slash leads there."""
    path = request.path.decoded
    if path.startswith(settings.base_path):
        return Outcome(True, f"the {settings.service} pages", path)
    if path + "/" == settings.base_path:
        return Outcome(True, f"redirects to the {settings.service} pages", settings.base_path, 303)
    return Outcome(
        True, f"the {settings.service} pages are below {settings.base_path}: answers 404", status=404
    )
