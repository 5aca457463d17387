"""Where on a backend a request goes."""

import re
from functools import lru_cache

from webserver.routing.paths import RequestPath, encode
from webserver.routing.values import Backend


def target_path(path: RequestPath, pattern: re.Pattern[str], *, strip: bool) -> str:
    """The path, percent-encoded, to be joined with that of a backend.

    Without `strip` it is the one of the request. Otherwise what the pattern matched at its start is gone,
    with a slash in front of what is left; nothing left is "".
    """
    return _without_start(path.decoded, pattern) if strip else path.raw


@lru_cache(maxsize=2048)
def _without_start(path: str, pattern: re.Pattern[str]) -> str:
    match = pattern.match(path)
    rest = path[match.end() :] if match else path
    if not rest:
        return ""
    return encode(rest if rest.startswith("/") else "/" + rest)


def join_target(backend: Backend, path: str, query: str) -> str:
    """The request target for a backend: its own path and `path` with one slash in between.

    The backend's query comes before that of the request.
    """
    base = backend.base_path
    joined = base.removesuffix("/") + path if path else base
    if backend.query:
        query = f"{backend.query}&{query}" if query else backend.query
    return f"{joined or '/'}?{query}" if query else joined or "/"
