"""Whether the environment demands a proxy for a backend."""

from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

from webserver.routing.values import Backend


def demanded_proxy(backend: Backend) -> str:
    """The variable that says so, "HTTP_PROXY" or "HTTPS_PROXY"; "" where connections go directly.

    As curl and Python's own clients read it: either case of letters, NO_PROXY lists hosts, domains or "*".
    A unix socket is on this machine and needs none.
    """
    if backend.unix_socket:
        return ""
    scheme = "https" if backend.tls else "http"
    demanded = getproxies_environment()
    if not demanded.get(scheme) or _is_excepted(backend, demanded):
        return ""
    return f"{scheme.upper()}_PROXY"


def _is_excepted(backend: Backend, demanded: dict[str, str]) -> bool:
    host = f"[{backend.host}]" if ":" in backend.host else backend.host
    return any(
        proxy_bypass_environment(name, demanded) for name in (backend.host, host, f"{host}:{backend.port}")
    )
