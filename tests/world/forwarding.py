"""Where the servers of the websocket tests forward to."""

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from webserver.routing.hosts import parse_host
from webserver.routing.paths import clean_path
from webserver.routing.request import Request
from webserver.routing.values import Backend, ForwardSettings

PROXIES = ("http_proxy", "https_proxy", "no_proxy")


@dataclass(frozen=True)
class Forwarding:
    """One backend, and what is set around it."""

    url: str
    unix_socket: str = ""
    response_headers: tuple[tuple[str, str], ...] = ()
    connect_seconds: float = 10
    response_seconds: float = 10
    trusted: str = ""
    environment: tuple[tuple[str, str], ...] = ()


def forward_settings(forwarding: Forwarding) -> ForwardSettings:
    """As the configuration would have it."""
    url = urlsplit(forwarding.url)
    assert url.hostname
    tls = url.scheme == "https"
    port = url.port or (443 if tls else 80)
    backend = Backend(forwarding.url, tls, url.hostname, port, url.path, url.query, forwarding.unix_socket)
    headers = tuple((name, value) for name, value in forwarding.response_headers)
    return ForwardSettings(
        (backend,), False, headers, forwarding.connect_seconds, forwarding.response_seconds
    )


def backend_trust(forwarding: Forwarding) -> ssl.SSLContext:
    """For backends with TLS."""
    trust = ssl.create_default_context(cafile=forwarding.trusted or None)
    trust.set_alpn_protocols(["http/1.1"])
    return trust


def forwarded_request() -> Request:
    """What the handler was chosen by."""
    return Request("GET", "http", parse_host("ws.example"), clean_path("/"))
