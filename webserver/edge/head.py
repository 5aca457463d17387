"""The head of a request: strictly read, so that we and the servers behind us see the same request (RFC 9112).

What smuggling is made of is refused: both Content-Length and Transfer-Encoding, folded lines, bare line
feeds, control characters, a second Host. httptools (llhttp, in its strict mode) reads one head at a time;
bodies are delimited by webserver.edge.body.
"""

from typing import TYPE_CHECKING, Final

import httptools

from webserver.edge.refusal import Refused

if TYPE_CHECKING:
    from webserver.dispatch.route import Route
    from webserver.handlers.forward.serving.fields import PassedOn

MOST_BYTES: Final = 16 * 1024
"""Of the request line and all fields together; longer ones get 431."""

Field = tuple[bytes, bytes]
"""Name as it was written, and value without white space around it."""

_LONGEST_KNOWN: Final = 1024
_MOST_KNOWN: Final = 512

_END: Final = b"\r\n\r\n"
_VERSIONS: Final = {"1.0": 0, "1.1": 1}


class RequestHead:
    """Request line and fields. Bytes are as the client sent them.

    Clients that keep a connection say the same head over and over; exchanges may share one, so nothing of a
    head changes after it was read.
    """

    __slots__ = (
        "_first",
        "chunked",
        "content_length",
        "expects_continue",
        "fields",
        "has_body",
        "host",
        "is_secret",
        "keep_alive",
        "logged",
        "method",
        "minor_version",
        "passed_on",
        "routes",
        "scheme_of_target",
        "target",
        "upgrade",
    )

    def __init__(self, method: bytes, target: bytes, minor_version: int, fields: list[Field]) -> None:
        self.method = method
        self.target = target
        """In origin form: path and query, or * of OPTIONS. What was in absolute form has lost its origin."""
        self.minor_version = minor_version
        """Of HTTP/1."""
        self.fields = fields
        self._first: dict[bytes, bytes] | None = None
        self.passed_on: PassedOn | None = None
        """How it went to a next hop last (webserver.handlers.forward)."""
        self.routes: dict[str, Route] = {}
        """Where it leads for some clients, by address (webserver.dispatch)."""
        self.logged: tuple[str, str] | None = None
        """What a line of the access log says of it, in two parts (webserver.accesslog)."""
        self.host = b""
        """Host and port, as the client wrote them; empty for HTTP/1.0 without Host."""
        self.scheme_of_target = b""
        self.content_length = 0
        self.chunked = False
        self.has_body = False
        """Whether there is content, in chunks possibly of no bytes."""
        self.expects_continue = False
        self.is_secret = False
        """Whether it says who somebody is; then it stays in memory no longer than needed."""
        self.keep_alive = True
        self.upgrade = b""
        """The value of Upgrade, whatever Connection says; empty in HTTP/1.0 (RFC 9110 section 7.8)."""

    def get(self, name: bytes) -> bytes | None:
        """The value of the first field of this name, which is given in lower case."""
        if self._first is None:
            self._first = {}
            for own, value in self.fields:
                self._first.setdefault(own.lower(), value)
        return self._first.get(name)

    def all(self, name: bytes) -> list[bytes]:
        """The values of all fields of this name, which is given in lower case."""
        return [value for own, value in self.fields if own.lower() == name]


_known: dict[bytes, RequestHead] = {}


def known_head(data: bytes) -> RequestHead | None:
    """The head that these bytes are, no more and no less, if it was read before."""
    return _known.get(data)


def forget_heads() -> None:
    """Read all anew, such as when what was made of them holds no more."""
    _known.clear()


class HeadParser:
    """Reads the heads of one connection, one after the other."""

    __slots__ = ("_fields", "_parser", "_target")

    def __init__(self) -> None:
        self._parser: httptools.HttpRequestParser | None = None
        self._target = b""
        self._fields: list[Field] = []

    def on_url(self, url: bytes) -> None:
        """Called by the parser."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self._fields.append((name, value))

    def parse(self, block: bytes) -> RequestHead:
        """The head that `block` is, including its empty line. Raises Refused."""
        known = _known.get(block)
        if known is not None:
            return known
        self._target, self._fields = b"", []
        parser = self._parser
        if parser is None:
            parser = self._parser = httptools.HttpRequestParser(self)
        try:
            parser.feed_data(block)
        except httptools.HttpParserUpgrade:
            self._parser = None
        except httptools.HttpParserInvalidMethodError:
            raise Refused(501, "This method is not known here.") from None
        except httptools.HttpParserError as error:
            raise Refused(400, f"The request can't be read: {error}.") from None
        minor_version = _VERSIONS.get(parser.get_http_version())
        if minor_version is None:
            raise Refused(505, "This version of HTTP is not spoken here.")
        method = parser.get_method()
        if not block.startswith(b"%b %b HTTP/" % (method, self._target)):  # the parser forgives blanks
            raise Refused(400, "The request can't be read: its first line has blanks too many.")
        head = RequestHead(method, self._target, minor_version, self._fields)
        _read_fields(head)
        _read_target(head)
        if head.has_body:  # it would take what comes next for the body
            self._parser = None
        elif len(block) <= _LONGEST_KNOWN and not (head.expects_continue or head.upgrade or head.is_secret):
            if len(_known) >= _MOST_KNOWN:
                _known.clear()
            _known[block] = head
        return head


def head_end(buffer: bytes | bytearray) -> int:
    """Where the head ends that begins the buffer; -1 while it is not complete.

    Raises Refused for one that is too long, or that never will end because its lines don't.
    """
    end = buffer.find(_END)
    if end > MOST_BYTES or (end < 0 and len(buffer) > MOST_BYTES):
        raise Refused(431, f"Request line and header are longer than {MOST_BYTES} bytes.")
    if end < 0 and buffer.count(b"\n") != buffer.count(b"\r\n"):
        raise Refused(400, "The request can't be read: its lines end in a bare line feed.")
    return end + 4 if end >= 0 else -1


def _read_fields(head: RequestHead) -> None:
    upgrade = b""
    hosts = 0
    connection = b""
    fields = head.fields
    for position, (name, value) in enumerate(fields):
        if value[-1:] in _BLANKS:
            value = value.rstrip(b" \t")
            fields[position] = (name, value)
        kind = _SPECIAL.get(name) or _SPECIAL.get(name.lower())
        if kind is None:
            continue
        if kind == "host":
            hosts += 1
            head.host = value
        elif kind == "connection":
            connection += b"," + value
        elif kind in ("cookie", "authorization"):
            head.is_secret = True
        elif kind == "content-length":
            head.content_length = int(value)
        elif kind == "transfer-encoding":
            if head.chunked or value.lower() != b"chunked":
                raise Refused(501, "Only chunked is understood as transfer encoding.")
            head.chunked = True
        elif kind == "expect":
            if value.lower() != b"100-continue":
                raise Refused(417, "Only 100-continue can be expected.")
            head.expects_continue = head.minor_version > 0
        else:
            upgrade = upgrade + b"," + value if upgrade else value
    if hosts > 1:
        raise Refused(400, "The request can't be read: it names two hosts.")
    if hosts == 0 and head.minor_version > 0:
        raise Refused(400, "The request can't be read: it names no host.")
    if head.chunked and head.minor_version == 0:
        raise Refused(400, "The request can't be read: HTTP/1.0 knows no chunks.")
    head.has_body = head.chunked or head.content_length > 0
    named = tokens(connection) if connection else frozenset()
    head.keep_alive = b"close" not in named if head.minor_version else b"keep-alive" in named
    if head.minor_version > 0:
        head.upgrade = upgrade


def _read_target(head: RequestHead) -> None:
    target = head.target
    if head.method == b"CONNECT":
        raise Refused(501, "This server is no proxy.")
    if target[:1] == b"/":
        return
    if target == b"*" and head.method == b"OPTIONS":
        return
    scheme, separator, rest = target.partition(b"://")
    if not separator or scheme.lower() not in (b"http", b"https"):
        raise Refused(400, "The request can't be read: its target is no path.")
    authority, slash, path = rest.partition(b"/")
    if b"?" in authority:
        authority, _, query = rest.partition(b"?")
        slash, path = b"/?", query
    if not authority or b"@" in authority:
        raise Refused(400, "The request can't be read: its target names no host.")
    head.host, head.target, head.scheme_of_target = authority, slash + path or b"/", scheme.lower()


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
