"""Heads of answers, and the page for what can't be answered."""

from functools import lru_cache
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from wsgiref.handlers import format_date_time

from mail import clock
from webserver.edge.head import Field

if TYPE_CHECKING:
    from webserver.edge.exchange import Exchange


class BrokenField(Exception):
    """A field of an answer that would be read as more than one. Nothing of the answer is sent."""


_rendered: dict[Field, bytes] = {}
_MOST_RENDERED: Final = 4096
_LONGEST_RENDERED: Final = 256

_blocks: dict[tuple[Field, ...], tuple[bytes, bool]] = {}
_MOST_BLOCKS: Final = 1024
_LONGEST_BLOCK: Final = 1024

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
    line = _LINES.get(status) or f"HTTP/1.1 {status} \r\n".encode()
    key = tuple(fields)
    block, has_date = _blocks.get(key) or _render_block(key)
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


def _render_block(fields: tuple[Field, ...]) -> tuple[bytes, bool]:
    """Fields as lines, and whether one is Date; the same are said over and over. Raises BrokenField."""
    block = b"".join([_rendered.get(field) or _render(field) for field in fields])
    if block.count(b"\n") != len(fields) or block.count(b"\r") != len(fields) or b"\0" in block:
        raise BrokenField
    names = [field[0].lower() for field in fields]
    rendered = block, b"date" in names
    if len(block) <= _LONGEST_BLOCK and b"set-cookie" not in names:
        if len(_blocks) >= _MOST_BLOCKS:
            _blocks.clear()
        _blocks[fields] = rendered
    return rendered


def _render(field: Field) -> bytes:
    line = b"%b: %b\r\n" % field
    if len(line) <= _LONGEST_RENDERED and field[0].lower() != b"set-cookie":
        if len(_rendered) >= _MOST_RENDERED:
            _rendered.clear()
        _rendered[field] = line
    return line


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
