"""The head of a backend's answer.

A backend says the same lines over and over, so each is read and judged once and then known.
"""

import re
from typing import Final, NamedTuple

from webserver.edge.answers import KnownFields
from webserver.edge.field_section import Field, tokens

MOST_BYTES: Final = 64 * 1024
"""Of status line and fields."""

_MOST_LINES: Final = 4096
_LONGEST_KNOWN: Final = 512
"""Lines that are known, and how long they may be: two MiB at most."""

_MOST_HEADS: Final = 256
_LONGEST_HEAD: Final = 1024

_STATUS: Final = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: [^\x00-\x08\x0a-\x1f\x7f]*)?")
_FIELD: Final = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")

_HOP_BY_HOP: Final = frozenset(
    {
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"upgrade",
    }
)

_MOST_DIGITS: Final = 18
"""Of a length."""

_READ_BY_US: Final = frozenset({b"connection", b"content-length", b"transfer-encoding"})
EVENT_STREAM: Final = b"text/event-stream"


class BrokenResponse(Exception):
    """A backend's answer that can't be passed on. The text is for the log."""


class ResponseHead:
    """Status line and fields, those that are meant for us alone left out. Several answers may share one.

    `length` is None for content that is chunked or ends with the connection.
    """

    __slots__ = (
        "changed",
        "chunked",
        "fields",
        "is_event_stream",
        "keep_alive",
        "length",
        "may_have_content",
        "status",
    )

    def __init__(self, status: int, keep_alive: bool) -> None:
        self.status = status
        self.may_have_content = status >= 200 and status not in (204, 304)
        """Whether content follows if the request was not HEAD (RFC 9112 section 6.3)."""
        self.fields = KnownFields()
        self.changed: tuple[object, KnownFields] | None = None
        """The fields as the service that passed them on last has changed them, and that service."""
        self.keep_alive = keep_alive
        self.chunked = False
        self.length: int | None = None
        self.is_event_stream = False


class _Line(NamedTuple):
    """A field: passed on if `special` is empty, else it says something to us."""

    special: bytes
    field: Field


_statuses: dict[bytes, tuple[int, bool]] = {}
_lines: dict[bytes, _Line] = {}
_heads: dict[bytes, ResponseHead] = {}


def head_end(buffer: bytes) -> int:
    """Where the head ends that begins the buffer; -1 while it is not complete. Raises BrokenResponse."""
    end = buffer.find(b"\r\n\r\n")
    if end > MOST_BYTES or (end < 0 and len(buffer) > MOST_BYTES):
        raise BrokenResponse("the head of its answer is too long")
    if end < 0 and len(buffer) >= 5 and not buffer.startswith(b"HTTP/"):
        raise BrokenResponse("its answer is not HTTP")
    return end + 4 if end >= 0 else -1


def parse_response(block: bytes) -> ResponseHead:
    """The head that `block` is, with the empty line at its end. Raises BrokenResponse."""
    known_head = _heads.get(block)
    if known_head is not None:
        return known_head
    lines = block[:-4].split(b"\r\n")
    first = lines[0]
    status, keep_alive = _statuses.get(first) or _read_status(first)
    head = ResponseHead(status, keep_alive)
    passing = head.fields
    known = _lines
    named = b""
    for position in range(1, len(lines)):
        line = lines[position]
        read = known.get(line) or _read_line(line)
        special = read.special
        if not special:
            passing.append(read.field)
        elif special == b"content-length":
            value = read.field[1]
            if head.length is not None or not value.isdigit() or len(value) > _MOST_DIGITS:
                raise BrokenResponse("its answer has no single length")
            head.length = int(value)
        elif special == b"connection":
            named += b"," + read.field[1]
        elif special == b"content-type":
            passing.append(read.field)
            head.is_event_stream = True
        elif special == b"transfer-encoding":
            if head.chunked or read.field[1].lower() != b"chunked":
                raise BrokenResponse(f"its transfer encoding is unknown: {read.field[1]!r}")
            head.chunked = True
    if head.chunked and head.length is not None:
        raise BrokenResponse("its answer has a length and chunks")
    if named:
        _heed_connection(head, tokens(named))
    if status == 204:
        _unframe(head)
    if len(block) <= _LONGEST_HEAD and not any(name.lower() == b"set-cookie" for name, _ in head.fields):
        if len(_heads) >= _MOST_HEADS:
            _heads.clear()
        _heads[block] = head
    return head


def _unframe(head: ResponseHead) -> None:
    """Say no length of an answer without content (RFC 9110 section 8.6): HTTP/2 clients refuse one.

    Where one is announced, content may follow, which must not be taken for the next answer.
    """
    if head.chunked or head.length:
        head.keep_alive = False
    head.chunked, head.length = False, None


def _heed_connection(head: ResponseHead, named: frozenset[bytes]) -> None:
    head.keep_alive = b"close" not in named and (head.keep_alive or b"keep-alive" in named)
    others = named - {b"close", b"keep-alive", b"upgrade", b""}
    if others:
        head.fields = KnownFields(field for field in head.fields if field[0].lower() not in others)


def _read_status(line: bytes) -> tuple[int, bool]:
    match = _STATUS.fullmatch(line)
    if match is None:
        raise BrokenResponse(f"its status line can't be read: {line[:100]!r}")
    found = (int(match[2]), match[1] == b"1")
    if len(_statuses) < _MOST_LINES and len(line) <= _LONGEST_KNOWN:
        _statuses[line] = found
    return found


def _read_line(line: bytes) -> _Line:
    match = _FIELD.fullmatch(line)
    if match is None:
        raise BrokenResponse(f"a line of its header can't be read: {line[:100]!r}")
    name, value = match[1], match[2].rstrip(b" \t")
    lower = name.lower()
    special = b""
    if lower in _HOP_BY_HOP:
        special = b"dropped"
    elif lower in _READ_BY_US or (lower == b"content-type" and value.lower().startswith(EVENT_STREAM)):
        special = lower
    read = _Line(special, (name, value))
    if len(line) <= _LONGEST_KNOWN and lower != b"set-cookie":
        if len(_lines) >= _MOST_LINES:
            _lines.clear()
        _lines[line] = read
    return read
