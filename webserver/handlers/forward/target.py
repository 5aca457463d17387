"""Where on a backend a request goes."""

import re

from webserver.routing.paths import RequestPath, encode
from webserver.routing.values import Backend


def target_path(path: RequestPath, pattern: re.Pattern[str], *, strip: bool) -> str:
    """The path, percent-encoded, to be joined with that of a backend.

    Without `strip` it is the one of the request. Otherwise what the pattern matched at its start is gone,
    with a slash in front of what is left; nothing left is "".
    """
    if not strip:
        return path.raw
    match = pattern.match(path.decoded)
    rest = path.decoded[match.end() :] if match else path.decoded
    if not rest:
        return ""
    return encode(rest if rest.startswith("/") else "/" + rest)


def join_target(backend: Backend, path: str, query: str) -> str:
    """The request target for a backend: its own path and `path` with one slash in between.

    The backend's query comes before that of the request.
    """
    base = backend.base_path
    joined = base.removesuffix("/") + path if path else base
    both = "&".join(part for part in (backend.query, query) if part)
    return (joined or "/") + (f"?{both}" if both else "")
