"""The fields of a request, read and judged (RFC 9112 section 5), with what is made of them alone.

Browsers ask over one connection for many paths with the same fields, so a connection remembers the last ones.
"""

from typing import Final

from webserver.edge.refusal import Refused

Field = tuple[bytes, bytes]
"""Name as it was written, and value without white space around it."""

_MOST_BYTES: Final = 8 * 1024
"""Of all sections that one connection remembers; what is made of them takes some four times as much."""


class FieldSection:
    """Fields. Requests may share one, so nothing of it changes after it was read."""

    __slots__ = (
        "_first",
        "chunked",
        "content_length",
        "expects_continue",
        "fields",
        "host",
        "is_secret",
        "keep_alive",
        "logged",
        "passing",
        "upgrade",
    )

    def __init__(self, fields: list[Field]) -> None:
        self.fields = fields
        self._first: dict[bytes, bytes] | None = None
        self.passing: bytes | None = None
        """The lines of those that go on to a next hop (webserver.handlers.forward)."""
        self.logged: str | None = None
        """What a line of the access log says of them (webserver.accesslog)."""
        self.host = b""
        self.content_length = 0
        self.chunked = False
        self.expects_continue = False
        self.is_secret = False
        self.keep_alive = True
        self.upgrade = b""

    def get(self, name: bytes) -> bytes | None:
        """The value of the first field of this name, which is given in lower case."""
        if self._first is None:
            self._first = {}
            for own, value in self.fields:
                self._first.setdefault(own.lower(), value)
        return self._first.get(name)


class KnownSections:
    """Sections that one connection has sent lately, by their very bytes."""

    __slots__ = ("_left", "_sections")

    def __init__(self) -> None:
        self._sections: dict[bytes, FieldSection] = {}
        self._left = _MOST_BYTES

    def get(self, data: bytes) -> FieldSection | None:
        """The section that these bytes are, no more and no less, if it was read before."""
        return self._sections.get(data)

    def add(self, data: bytes, section: FieldSection) -> None:
        """Remember one of a request of HTTP/1.1 without content, and forget others if there is no room."""
        size = len(data)
        if size > _MOST_BYTES:
            return
        if size > self._left:
            self._sections.clear()
            self._left = _MOST_BYTES
        self._left -= size
        self._sections[data] = section


def read_fields(fields: list[Field], minor_version: int) -> FieldSection:
    """Judge fields that llhttp has let pass, of HTTP/1 in this version. Raises Refused."""
    section = FieldSection(fields)
    upgrade = b""
    hosts = 0
    connection = b""
    for position, (name, value) in enumerate(fields):
        if value[-1:] in _BLANKS:
            value = value.rstrip(b" \t")
            fields[position] = (name, value)
        kind = _SPECIAL.get(name) or _SPECIAL.get(name.lower())
        if kind is None:
            continue
        if kind == "host":
            hosts += 1
            section.host = value
        elif kind == "connection":
            connection += b"," + value
        elif kind in ("cookie", "authorization"):
            section.is_secret = True
        elif kind == "content-length":
            section.content_length = int(value)
        elif kind == "transfer-encoding":
            if section.chunked or value.lower() != b"chunked":
                raise Refused(501, "Only chunked is understood as transfer encoding.")
            section.chunked = True
        elif kind == "expect":
            if value.lower() != b"100-continue":
                raise Refused(417, "Only 100-continue can be expected.")
            section.expects_continue = minor_version > 0
        else:
            upgrade = upgrade + b"," + value if upgrade else value
    if hosts > 1:
        raise Refused(400, "The request can't be read: it names two hosts.")
    if hosts == 0 and minor_version > 0:
        raise Refused(400, "The request can't be read: it names no host.")
    if section.chunked and minor_version == 0:
        raise Refused(400, "The request can't be read: HTTP/1.0 knows no chunks.")
    named = tokens(connection) if connection else frozenset()
    section.keep_alive = b"close" not in named if minor_version else b"keep-alive" in named
    if minor_version > 0:
        section.upgrade = upgrade
    return section


def tokens(value: bytes) -> frozenset[bytes]:
    """The members of a list of tokens such as Connection, in lower case."""
    return frozenset(token.strip(b" \t") for token in value.lower().split(b","))


_BLANKS: Final = frozenset({b" ", b"\t"})
_SPECIAL: Final = {
    spelling: name.decode()
    for name in (
        b"host",
        b"connection",
        b"cookie",
        b"authorization",
        b"content-length",
        b"transfer-encoding",
        b"expect",
        b"upgrade",
    )
    for spelling in (name, name.title())
}
