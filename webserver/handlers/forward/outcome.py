"""What a forward handler does with a request."""

from webserver.handlers.forward.target import join_target, target_path
from webserver.handlers.outcome import Outcome
from webserver.routing.hosts import url_host
from webserver.routing.request import Request
from webserver.routing.values import Backend, ForwardSettings, Handler


def forward_outcome(settings: ForwardSettings, handler: Handler, request: Request) -> Outcome:
    """It takes whatever it is asked for. With several backends the first one that is well is shown."""
    path = target_path(request.path, handler.path, strip=settings.strip_path)
    backend = settings.backends[0]
    target = join_target(backend, path, request.query)
    several = f", one of {len(settings.backends)} backends" if len(settings.backends) > 1 else ""
    return Outcome(True, f"forwards{several}", origin(backend) + target)


def origin(backend: Backend) -> str:
    """Scheme, host and port."""
    scheme = "https" if backend.tls else "http"
    if backend.unix_socket:
        return f"{scheme}://unix:{backend.unix_socket}:"
    return f"{scheme}://{url_host(backend.host)}:{backend.port}"
