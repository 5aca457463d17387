"""The first line of a request at one host, with what is made of it alone.

Whoever asks for the same page says the same line there, whatever browser and cookies they have: so lines are
remembered for all clients together, without their fields.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from webserver.dispatch.route import Route
    from webserver.handlers.forward.serving.fields import Onward

HTTP_1_1: Final = b" HTTP/1.1\r\n"
"""How a line ends behind its target."""

_LONGEST: Final = 256
_MOST: Final = 1024
"""Bytes of line and host that are remembered, and lines: some three MiB of what is made of them."""


class RequestLine:
    """Method and target. Requests may share one, so neither changes after it was read."""

    __slots__ = ("logged", "method", "onward", "routes", "target")

    def __init__(self, method: bytes, target: bytes) -> None:
        self.method = method
        self.target = target
        self.routes: dict[str, Route] = {}
        """Where it leads for some clients, by address (webserver.dispatch)."""
        self.onward: Onward | None = None
        """Its target at the backend to which it went last (webserver.handlers.forward)."""
        self.logged: str | None = None
        """What a line of the access log says of it, and of the host (webserver.accesslog)."""


_known: dict[tuple[bytes, bytes], RequestLine] = {}


def known_line(line: bytes, host: bytes) -> RequestLine | None:
    """What these bytes, CR LF at their end included, are for this host, if they were read before."""
    return _known.get((line, host))


def read_line(line: bytes, method: bytes, target: bytes, host: bytes) -> RequestLine:
    """A line that llhttp has taken for this method and target. One of HTTP/1.1 with a path is remembered."""
    if line != method + b" " + target + HTTP_1_1 or target[:1] != b"/" or method == b"CONNECT":
        return RequestLine(method, target)
    found = _known.get((line, host))
    if found is None:
        found = RequestLine(method, target)
        if len(line) + len(host) <= _LONGEST:
            if len(_known) >= _MOST:
                _known.clear()
            _known[line, host] = found
    return found


def forget_lines() -> None:
    """Read all anew."""
    _known.clear()
