"""The head of an HTTP/2 request, judged by the rules of HTTP/1.1 and those of its own (RFC 9113 section 8).

Its fields are written as a head of HTTP/1.1 and read by the same strict reader: so both versions refuse the
same requests, and nothing passes on to a backend that it would read differently. Pure.
"""

import re
from collections.abc import Iterable
from typing import Final

from webserver.edge.field_section import Field
from webserver.edge.head import HeadParser, RequestHead, head_end
from webserver.edge.refusal import Refused

_NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_METHOD: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_PATH: Final = re.compile(rb"[^\x00-\x20\x7f]+")
_VALUE: Final = re.compile(rb"(?![ \t])[^\x00\r\n]*(?<![ \t])")
_PSEUDO: Final = frozenset({b":method", b":scheme", b":authority", b":path"})
_OF_CONNECTIONS: Final = frozenset(
    {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"}
)


class RequestReader:
    """Reads the heads of one connection."""

    def __init__(self) -> None:
        self._parser = HeadParser()

    def read(self, fields: Iterable[Field], *, has_content: bool) -> RequestHead:
        """The head of these fields. `has_content`: the stream has not ended with them. Raises Refused."""
        pseudo, rest = _sorted(fields)
        block = _as_http_1(pseudo, rest, has_content)
        head_end(block)
        try:
            return self._parser.parse(block)
        except Refused:
            self._parser = HeadParser()  # it reads nothing more after an error
            raise

    def end(self) -> None:
        """Forget what the connection has said: it is over."""
        self._parser.end()


def check_trailers(fields: Iterable[Field]) -> None:
    """What comes after the content is dropped, but must be what it may be. Raises Refused."""
    if any(not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) for name, value in fields):
        raise _broken("its trailer fields are none")


def _sorted(fields: Iterable[Field]) -> tuple[dict[bytes, bytes], list[Field]]:
    """The pseudo header fields, and the others, with the pieces of Cookie put together."""
    pseudo: dict[bytes, bytes] = {}
    rest: list[Field] = []
    cookies: list[bytes] = []
    for name, value in fields:
        if name[:1] == b":":
            if name not in _PSEUDO or name in pseudo or rest or cookies:
                raise _broken("its pseudo header fields are not as they must be")
            pseudo[name] = value
            continue
        if not _NAME.fullmatch(name):
            raise _broken("the name of a field is none")
        if not _VALUE.fullmatch(value):
            raise _broken("the value of a field has characters that it can't have")
        if name in _OF_CONNECTIONS or (name == b"te" and value.lower() != b"trailers"):
            raise _broken(f"{name.decode()} is not for HTTP/2")
        if name == b"cookie":
            cookies.append(value)
        else:
            rest.append((name, value))
    if cookies:
        rest.append((b"cookie", b"; ".join(cookies)))
    return pseudo, rest


def _as_http_1(pseudo: dict[bytes, bytes], fields: list[Field], has_content: bool) -> bytes:
    method, path = pseudo.get(b":method", b""), pseudo.get(b":path", b"")
    if method == b"CONNECT":
        raise Refused(501, "This server is no proxy.")
    if not _METHOD.fullmatch(method):
        raise _broken("its method is none")
    if not _PATH.fullmatch(path) or not (path[:1] == b"/" or (path == b"*" and method == b"OPTIONS")):
        raise _broken("its path is none")
    if pseudo.get(b":scheme", b"").lower() not in (b"http", b"https"):
        raise _broken("its scheme is neither http nor https")
    authority = pseudo.get(b":authority")
    hosts = [value for name, value in fields if name == b"host"]
    if authority is not None:
        if not _VALUE.fullmatch(authority) or not authority or b"@" in authority:
            raise _broken("its authority names no host")
        if any(host.lower() != authority.lower() for host in hosts):
            raise _broken("it names two hosts")
        if not hosts:
            fields = [(b"host", authority), *fields]
    lines = [b"%b %b HTTP/1.1" % (method, path)]
    lines += [b"%b: %b" % field for field in fields]
    if has_content and not any(name == b"content-length" for name, _ in fields):
        lines.append(b"transfer-encoding: chunked")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _broken(what: str) -> Refused:
    return Refused(400, f"The request can't be read: {what}.")
