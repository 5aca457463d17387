"""Where a redirect leads."""

from dataclasses import dataclass
from typing import Final

from webserver.handlers.redirect.replacement import replace
from webserver.routing.hosts import url_host
from webserver.routing.paths import clean_path
from webserver.routing.request import DEFAULT_PORTS, Request
from webserver.routing.values import BaseUrl, RedirectSettings


@dataclass(frozen=True, slots=True)
class Leads:
    """The value of the Location header."""

    location: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The path regexp is not in the path: 404, and no other handler is asked."""


@dataclass(frozen=True, slots=True)
class LeadsToItself:
    """The client would come back with the same request: the handler declines."""


NOT_FOUND: Final = NotFound()
LEADS_TO_ITSELF: Final = LeadsToItself()


def redirect_location(settings: RedirectSettings, request: Request) -> Leads | NotFound | LeadsToItself:
    """The answer of a redirect handler. Path and query are kept where nothing replaces them."""
    raw, own_query, fragment = request.path.raw, "", ""
    if settings.path_regexp is not None:
        replaced = replace(settings.path_regexp, settings.replace_path, request.path.decoded)
        if replaced is None:
            return NOT_FOUND
        before, _, fragment = replaced.partition("#")
        raw, _, own_query = before.partition("?")
        raw = "/" + raw.lstrip("/")  # two slashes would begin a host
    base = settings.base_url
    if _is_same(base, raw, request):
        return LEADS_TO_ITSELF
    both = "&".join(part for part in (base.query if base else "", own_query, request.query) if part)
    fragment = (base.fragment if base else "") or fragment
    tail = raw + (f"?{both}" if both else "") + (f"#{fragment}" if fragment else "")
    return Leads(_origin(base) + tail)


def https_location(request: Request) -> str:
    """The same resource by https at the standard port."""
    return f"https://{url_host(request.host)}{request.target}"


def domain_location(to_domain: str, request: Request) -> str:
    """The same path and query at another domain, by https."""
    return f"https://{to_domain}{request.target}"


def _origin(base: BaseUrl | None) -> str:
    if base is None:
        return ""
    scheme = f"{base.scheme}:" if base.scheme else ""
    port = f":{base.port}" if base.port is not None else ""
    return f"{scheme}//{url_host(base.host)}{port}"


def _is_same(base: BaseUrl | None, raw: str, request: Request) -> bool:
    if clean_path(raw).decoded != request.path.decoded:
        return False
    if base is None:
        return True
    scheme = base.scheme or request.scheme
    port = base.port or DEFAULT_PORTS[scheme]
    return (scheme, base.host, port) == (request.scheme, request.host, request.effective_port)
