"""The head of a backend's answer."""

from typing import Final

import httptools

from webserver.edge.head import Field

MOST_BYTES: Final = 64 * 1024
"""Of status line and fields."""


class BrokenResponse(Exception):
    """A backend's answer that can't be passed on. The text is for the log."""


class ResponseHead:
    """Status line and fields. `length` is None for content that is chunked or ends with the connection."""

    __slots__ = ("chunked", "fields", "keep_alive", "length", "status")

    def __init__(self, status: int, fields: list[Field], keep_alive: bool) -> None:
        self.status = status
        self.fields = fields
        self.keep_alive = keep_alive
        self.chunked = False
        self.length: int | None = None

    def has_content(self, method: bytes) -> bool:
        """Whether content follows (RFC 9112 section 6.3)."""
        return not (method == b"HEAD" or self.status < 200 or self.status in (204, 304))


class _Collector:
    __slots__ = ("fields",)

    def __init__(self) -> None:
        self.fields: list[Field] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))


def head_end(buffer: bytes) -> int:
    """Where the head ends that begins the buffer; -1 while it is not complete. Raises BrokenResponse."""
    end = buffer.find(b"\r\n\r\n")
    if end > MOST_BYTES or (end < 0 and len(buffer) > MOST_BYTES):
        raise BrokenResponse("the head of its answer is too long")
    if end < 0 and len(buffer) >= 5 and not buffer.startswith(b"HTTP/"):
        raise BrokenResponse("its answer is not HTTP")
    return end + 4 if end >= 0 else -1


def parse_response(block: bytes) -> ResponseHead:
    """The head that `block` is. Raises BrokenResponse."""
    collector = _Collector()
    parser = httptools.HttpResponseParser(collector)
    try:
        parser.feed_data(block)
    except httptools.HttpParserUpgrade:
        pass
    except httptools.HttpParserError as error:
        raise BrokenResponse(f"its answer can't be read: {error}") from None
    version = parser.get_http_version()
    head = ResponseHead(parser.get_status_code(), collector.fields, version == "1.1")
    for position, (name, value) in enumerate(head.fields):
        size = len(name)
        if size == 14 and name.lower() == b"content-length":
            head.length = int(value)
        elif size == 17 and name.lower() == b"transfer-encoding":
            if value.strip().lower() != b"chunked":
                raise BrokenResponse(f"its transfer encoding is unknown: {value!r}")
            head.chunked = True
        elif size == 10 and name.lower() == b"connection":
            said = value.lower()
            head.keep_alive = (head.keep_alive and b"close" not in said) or b"keep-alive" in said
        if value[-1:] in (b" ", b"\t"):
            head.fields[position] = (name, value.rstrip(b" \t"))
    return head
