"""Heads of answers, and the page for what can't be answered."""

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from wsgiref.handlers import format_date_time

from mail import clock
from webserver.edge.field_section import Field

if TYPE_CHECKING:
    from webserver.edge.exchange import Exchange


class BrokenField(Exception):
    """A field of an answer that would be read as more than one. Nothing of the answer is sent."""


class KnownFields(list[Field]):
    """Fields that are said over and over and change no more; how they go over the wire stays with them."""

    __slots__ = ("_last", "_last_for", "_rendered")

    def __init__(self, fields: Iterable[Field] = ()) -> None:
        super().__init__(fields)
        self._rendered: tuple[bytes, bool] | None = None
        self._last = b""
        self._last_for = (0, 0, 0)

    def rendered(self) -> tuple[bytes, bool]:
        """See `_render`."""
        if self._rendered is None:
            self._rendered = _render(self)
        return self._rendered

    def plain_head(self, status: int, length: int) -> bytes:
        """The head of an answer of HTTP/1.1 whose connection stays open. Raises BrokenField."""
        block, has_date = self._rendered or self.rendered()
        second = 0 if has_date else clock.now() // clock.SECOND
        made_for = (status, length, second)
        if self._last_for != made_for:
            date = b"" if has_date else b"Date: %b\r\n" % http_date(second)
            self._last = b"%b%b%bContent-Length: %d\r\n\r\n" % (_status_line(status), block, date, length)
            self._last_for = made_for
        return self._last


_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}


def response_head(
    exchange: "Exchange",
    status: int,
    fields: list[Field],
    length: int | None,
    *,
    chunked: bool = False,
    interim: bool = False,
) -> bytes:
    """Status line and fields, with those that say how the content is delimited. Raises BrokenField."""
    if (
        isinstance(fields, KnownFields)
        and length is not None
        and not exchange.close_after
        and exchange.head.minor_version
    ):
        return fields.plain_head(status, length)
    line = _status_line(status)
    block, has_date = fields.rendered() if isinstance(fields, KnownFields) else _render(fields)
    if interim:
        return line + block + b"\r\n"
    date = b"" if has_date else b"Date: %b\r\n" % http_date(clock.now() // clock.SECOND)
    if length is not None:
        ending = b"Content-Length: %d\r\n" % length
    else:
        ending = b"Transfer-Encoding: chunked\r\n" if chunked else b""
    if exchange.close_after:
        ending += b"Connection: close\r\n"
    elif exchange.head.minor_version == 0:
        ending += b"Connection: keep-alive\r\n"
    return b"%b%b%b%b\r\n" % (line, block, date, ending)


def _status_line(status: int) -> bytes:
    return _LINES.get(status) or f"HTTP/1.1 {status} \r\n".encode()


def _render(fields: list[Field]) -> tuple[bytes, bool]:
    """Fields as lines, and whether one is Date. Raises BrokenField."""
    block = b"".join([b"%b: %b\r\n" % field for field in fields])
    if block.count(b"\n") != len(fields) or block.count(b"\r") != len(fields) or b"\0" in block:
        raise BrokenField
    return block, b"\ndate:" in b"\n" + block.lower()


@lru_cache(maxsize=4)
def http_date(seconds: int) -> bytes:
    """A moment as HTTP writes it (RFC 9110 section 5.6.7), from seconds since the epoch."""
    return format_date_time(seconds).encode()


def frame_chunk(data: bytes) -> bytes:
    """A chunk of content (RFC 9112 section 7.1). `data` is not empty: that would end the content."""
    return b"%x\r\n%b\r\n" % (len(data), data)


_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<h1>{title}</h1>
<p>{text}</p>
<p><small>{id}</small></p>
"""


def error_page(status: int, text: str, exchange_id: str) -> tuple[list[Field], bytes]:
    """Fields and content of a page that says what is wrong, with the id to ask the operator about."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    shown_id = f"Request {exchange_id}" if exchange_id else ""
    page = _PAGE.format(title=escape(f"{status} {phrase}".strip()), text=escape(text), id=shown_id)
    fields = [
        (b"Content-Type", b"text/html; charset=utf-8"),
        (b"Cache-Control", b"no-store"),
        (b"Content-Security-Policy", b"default-src 'none'"),
        (b"X-Content-Type-Options", b"nosniff"),
    ]
    return fields, page.encode()
