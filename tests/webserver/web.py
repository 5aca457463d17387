"""Web configurations and requests for tests, in few words."""

import re
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from webserver.routing.hosts import parse_host
from webserver.routing.paths import clean_path
from webserver.routing.request import Request, Scheme
from webserver.routing.values import (
    Backend,
    BaseUrl,
    ForwardSettings,
    Handler,
    HandlerSettings,
    RedirectSettings,
    StaticSettings,
    WebSnapshot,
    web_snapshot,
)

STATIC = StaticSettings("/srv/www")
HOST = "www.example.org"


def handler(
    settings: HandlerSettings = STATIC,
    path: str = "^/",
    *,
    domain: str = HOST,
    name: str = "site",
    dont_redirect_plain_http: bool = True,
    networks: tuple[str, ...] = (),
) -> Handler:
    """A handler of www.example.org, for plain http too."""
    return Handler(
        id=1,
        name=name,
        domain=domain,
        path=re.compile(path),
        settings=settings,
        dont_redirect_plain_http=dont_redirect_plain_http,
        allow_networks=tuple(ip_network(network) for network in networks),
    )


def redirect(
    base: BaseUrl | None = None, regexp: str | None = None, replacement: str = "", status: int = 308
) -> RedirectSettings:
    """Settings of a redirect."""
    return RedirectSettings(base, re.compile(regexp) if regexp else None, replacement, status)


def forward(base_path: str = "", *, strip: bool = False, query: str = "") -> ForwardSettings:
    """Settings of a forward to one backend."""
    backend = Backend("http://b:1" + base_path, False, "b", 1, base_path, query)
    return ForwardSettings((backend,), strip_path=strip)


def snapshot(*handlers: Handler, redirects: dict[str, str] | None = None) -> WebSnapshot:
    """A snapshot of a server named mail.example.org."""
    own = frozenset({"mail.example.org", "localhost"})
    return web_snapshot(redirects or {}, handlers, own, frozenset({"example.org"}))


def request(url: str, *, method: str = "GET", client: str = "192.0.2.1") -> Request:
    """A request for a URL."""
    parts = urlsplit(url)
    scheme: Scheme = "https" if parts.scheme == "https" else "http"
    return Request(
        method, scheme, parse_host(parts.netloc), clean_path(parts.path), parts.query, ip_address(client)
    )
