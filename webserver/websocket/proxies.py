"""Whether the environment demands a proxy for a backend."""

import os
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from webserver.routing.values import Backend


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
