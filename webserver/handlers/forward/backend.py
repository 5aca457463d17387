"""URLs of backends."""

import re
from typing import Final

from webserver.handlers.urls import UrlParts, WrongUrl, split_url
from webserver.routing.paths import decode
from webserver.routing.request import DEFAULT_PORTS
from webserver.routing.values import Backend

LONGEST_SOCKET_PATH: Final = 107
_UNIX: Final = re.compile(r"(https?)://unix:(/[^:?#]*)(?::(/.*)?)?")


def parse_backend(text: str) -> Backend:
    """A backend over TCP, http://host:port/base?query, or http://unix:/path/of.sock:/base?query.

    Raises WrongUrl.
    """
    match = _UNIX.fullmatch(text)
    parts = split_url(text) if match is None else split_url(f"{match[1]}://localhost{match[3] or ''}")
    if not parts.scheme:
        raise WrongUrl("must begin with http:// or https://")
    if parts.fragment:
        raise WrongUrl("must not have a fragment (#)")
    return _backend(text, parts, decode(match[2]) if match else "")


def _backend(text: str, parts: UrlParts, unix_socket: str) -> Backend:
    if len(unix_socket.encode("utf-8", "surrogateescape")) > LONGEST_SOCKET_PATH or "\0" in unix_socket:
        raise WrongUrl(f"names a unix socket that can't be: its path has at most {LONGEST_SOCKET_PATH} bytes")
    return Backend(
        url=text,
        tls=parts.scheme == "https",
        host=parts.host,
        port=parts.port or DEFAULT_PORTS[parts.scheme],
        base_path=parts.path,
        query=parts.query,
        unix_socket=unix_socket,
    )
