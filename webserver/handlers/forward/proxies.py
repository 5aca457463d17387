"""Whether the environment demands a proxy for a backend, and which."""

import base64
import os
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from webserver.routing.values import Backend


@dataclass(frozen=True, slots=True)
class HttpProxy:
    """A proxy that speaks HTTP. With a `problem`, for the log, it can't be used, and nothing goes past it."""

    host: str = ""
    port: int = 80
    fields: bytes = b""
    """Lines that each request to it has, with its password."""
    problem: str = ""


def http_proxy(backend: Backend) -> HttpProxy | None:
    """The proxy through which requests to this backend go; None where they go directly."""
    name = demanded_proxy(backend)
    if not name:
        return None
    value = _variable(name)
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        port = parts.port or 80
    except ValueError:
        return HttpProxy(problem=f"{name} can't be read")
    if parts.scheme != "http" or not parts.hostname:
        return HttpProxy(problem=f"{name} names no proxy such as http://proxy.example:3128")
    return HttpProxy(parts.hostname, port, _authorization(parts))


def _authorization(parts: SplitResult) -> bytes:
    if parts.username is None:
        return b""
    told = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return b"Proxy-Authorization: Basic %b\r\n" % base64.b64encode(told)


def demanded_proxy(backend: Backend) -> str:
    """The variable that says so, "HTTP_PROXY" or "HTTPS_PROXY"; "" where connections go directly.

    As curl and Python's own clients read it: small letters before capitals, NO_PROXY lists hosts, domains or
    "*". A unix socket is on this machine and needs none.
    """
    name = "HTTPS_PROXY" if backend.tls else "HTTP_PROXY"
    if backend.unix_socket or not _variable(name) or _is_excepted(backend, _variable("NO_PROXY")):
        return ""
    return name


def _variable(name: str) -> str:
    value = os.environ.get(name.lower())
    return os.environ.get(name, "") if value is None else value


def _is_excepted(backend: Backend, exceptions: str) -> bool:
    host = f"[{backend.host}]" if ":" in backend.host else backend.host
    return any(
        proxy_bypass_environment(name, {"no": exceptions})
        for name in (backend.host, host, f"{host}:{backend.port}")
    )
