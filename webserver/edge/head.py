"""The head of a request: strictly read, so that we and the servers behind us see the same request (RFC 9112).

What smuggling is made of is refused: both Content-Length and Transfer-Encoding, folded lines, bare line
feeds, control characters, a second Host. httptools (llhttp, in its strict mode) reads one head at a time;
bodies are delimited by webserver.edge.body.
"""

from typing import TYPE_CHECKING, Final

import httptools

from webserver.edge.field_section import Field, FieldSection, KnownSections, read_fields
from webserver.edge.refusal import Refused
from webserver.edge.request_line import HTTP_1_1, RequestLine, forget_lines, known_line, read_line

if TYPE_CHECKING:
    from webserver.handlers.forward.serving.fields import PassedOn

MOST_BYTES: Final = 16 * 1024
"""Of the request line and all fields together; longer ones get 431."""

_LONGEST_KNOWN: Final = 1024
_MOST_KNOWN: Final = 512

_END: Final = b"\r\n\r\n"
_SAFE: Final = frozenset({b"GET", b"HEAD", b"OPTIONS", b"TRACE"})
_VERSIONS: Final = {"1.0": 0, "1.1": 1}


class RequestHead:
    """Request line and fields. Bytes are as the client sent them.

    Clients that keep a connection say the same head over and over; exchanges may share one, so nothing of a
    head changes after it was read.
    """

    __slots__ = (
        "chunked",
        "content_length",
        "expects_continue",
        "fields",
        "has_body",
        "host",
        "is_safe",
        "is_secret",
        "keep_alive",
        "line",
        "method",
        "minor_version",
        "passed_on",
        "scheme_of_target",
        "section",
        "target",
        "upgrade",
    )

    def __init__(self, line: RequestLine, minor_version: int, section: FieldSection) -> None:
        self.line = line
        self.method = line.method
        self.target = line.target
        """In origin form: path and query, or * of OPTIONS. What was in absolute form has lost its origin."""
        self.minor_version = minor_version
        """Of HTTP/1."""
        self.section = section
        self.fields = section.fields
        self.passed_on: PassedOn | None = None
        """How it went to a next hop last (webserver.handlers.forward)."""
        self.host = section.host
        """Host and port, as the client wrote them; empty for HTTP/1.0 without Host."""
        self.scheme_of_target = b""
        self.content_length = section.content_length
        self.chunked = section.chunked
        self.has_body = section.chunked or section.content_length > 0
        """Whether there is content, in chunks possibly of no bytes."""
        self.is_safe = line.method in _SAFE and not self.has_body
        """Whether it may be asked twice (RFC 9110 section 9.2.1), as far as we can do that."""
        self.expects_continue = section.expects_continue
        self.is_secret = section.is_secret
        """Whether it says who somebody is; then it stays in memory no longer than the connection."""
        self.keep_alive = section.keep_alive
        self.upgrade = section.upgrade
        """The value of Upgrade, whatever Connection says; empty in HTTP/1.0 (RFC 9110 section 7.8)."""

    @classmethod
    def unread(cls) -> "RequestHead":
        """Of a request that can't be read, to be answered all the same."""
        return cls(RequestLine(b"", b""), 1, FieldSection([]))

    def get(self, name: bytes) -> bytes | None:
        """The value of the first field of this name, which is given in lower case."""
        return self.section.get(name)

    def all(self, name: bytes) -> list[bytes]:
        """The values of all fields of this name, which is given in lower case."""
        return [value for own, value in self.fields if own.lower() == name]


_known: dict[bytes, RequestHead] = {}


known_head: Final = _known.get
"""The head that these bytes are, no more and no less, if it was read before."""


def forget_heads() -> None:
    """Read all anew, such as when what was made of them holds no more."""
    _known.clear()
    forget_lines()


class HeadParser:
    """Reads the heads of one connection, one after the other."""

    __slots__ = ("_complete", "_fields", "_parser", "_sections", "_target")

    def __init__(self) -> None:
        self._parser: httptools.HttpRequestParser | None = None
        self._sections = KnownSections()
        self._target = b""
        self._fields: list[Field] = []
        self._complete = False

    def on_url(self, url: bytes) -> None:
        """Called by the parser."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._complete = True

    def parse(self, block: bytes) -> RequestHead:
        """The head that `block` is, including its empty line. Raises Refused."""
        known = _known.get(block)
        if known is not None:
            return known
        line_end = block.find(b"\r\n") + 2
        first, rest = block[:line_end], block[line_end:]
        section = self._sections.get(rest)
        head = self._read_first(first, section) if section is not None else None
        if head is None:
            section = None
            method, minor_version = self._feed(block)
            if not block.startswith(b"%b %b HTTP/" % (method, self._target)):  # the parser forgives blanks
                raise Refused(400, "The request can't be read: its first line has blanks too many.")
            fields = read_fields(self._fields, minor_version)
            line = read_line(first, method, self._target, fields.host)
            head = RequestHead(line, minor_version, fields)
        _read_target(head)
        if head.has_body:  # it would take what comes next for the body
            self._parser = None
        elif not (head.expects_continue or head.upgrade):
            if len(block) <= _LONGEST_KNOWN and not head.is_secret:
                if len(_known) >= _MOST_KNOWN:
                    _known.clear()
                _known[block] = head
            if section is None and head.minor_version == 1 and not head.scheme_of_target:
                self._sections.add(rest, head.section)
        return head

    def _read_first(self, first: bytes, section: FieldSection) -> RequestHead | None:
        """The head with this first line, if llhttp takes it for one of HTTP/1.1 when no field follows."""
        line = known_line(first, section.host)
        if line is not None:
            return RequestHead(line, 1, section)
        if not first.endswith(HTTP_1_1):
            return None
        self._complete = False
        try:
            method = self._feed(first + b"\r\n")[0]
        except Refused:
            method = b""
        if self._complete and first == method + b" " + self._target + HTTP_1_1:
            return RequestHead(read_line(first, method, self._target, section.host), 1, section)
        self._parser = None  # what it has read will be read again, with the fields
        return None

    def end(self) -> None:
        """Forget what the connection has said: it is over."""
        self._parser = None  # which holds us
        self._sections = KnownSections()

    def _feed(self, block: bytes) -> tuple[bytes, int]:
        """Let llhttp read this; the method, and the minor version. Raises Refused."""
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
        return parser.get_method(), minor_version


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


def _read_target(head: RequestHead) -> None:
    target = head.target
    if head.method == b"CONNECT":
        raise Refused(501, "This server is no proxy.")
    if b"#" in target:  # some servers would end the path there
        raise Refused(400, "The request can't be read: its target has a fragment.")
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
    head.section = read_fields(_with_host(head.fields, authority), head.minor_version)
    head.fields = head.section.fields


def _with_host(fields: list[Field], host: bytes) -> list[Field]:
    """The fields with this Host: what the field said does not count (RFC 9112 section 3.2.2)."""
    others = [field for field in fields if field[0].lower() != b"host"]
    return [(b"Host", host), *others]
