"""The bytes of a message as they are stored: CR LF line ends, in chunks of one size."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from importer.mbox.quoting import unquoted, unquoted_pieces
from mail.mime.headers import HEADER_LIMIT, starts_header_section
from mail.store.layout import CHUNK_SIZE


@dataclass(slots=True)  # not frozen: made for each message
class Content:
    """A message: `start` holds at least its header section, up to the limit, `more` what follows.

    `header_end` is where the header section ends in `start`, without the blank line; 0 when there is none.
    `is_cut` when the section is larger than HEADER_LIMIT and `header_end` is only where a line ends below it.
    """

    start: bytes
    more: Iterable[bytes]
    header_end: int
    is_cut: bool


def open_content(text: bytes, more: Iterator[bytes] | None, *, is_quoted: bool) -> Content:
    """The message behind raw bytes; `is_quoted` when "From " lines have a ">" to be taken off.

    Raises what `more` raises while it looks for the end of the header section.
    """
    if more is None:
        start = _with_crlf(unquoted(text) if is_quoted else text)
        return _content(start, ())
    raw = chain((text,), more)
    pieces = _crlf_pieces(unquoted_pieces(raw) if is_quoted else raw)
    start = b""
    for piece in pieces:
        start += piece
        if len(start) > HEADER_LIMIT + 2 or b"\r\n\r\n" in start:
            break
    return _content(start, pieces)


def _content(start: bytes, more: Iterable[bytes]) -> Content:
    if not starts_header_section(start):
        return Content(start, more, 0, is_cut=False)
    end = start.find(b"\r\n\r\n")
    end = len(start) if end < 0 else end + 2
    if end <= HEADER_LIMIT:
        return Content(start, more, end, is_cut=False)
    return Content(start, more, start.rfind(b"\r\n", 0, HEADER_LIMIT) + 2, is_cut=True)


def chunks_of(start: bytes, more: Iterable[bytes]) -> Iterator[bytes]:
    """Chunks of CHUNK_SIZE bytes, but for the last one."""
    held = start
    for piece in more:
        held += piece
        if len(held) > 2 * CHUNK_SIZE:
            yield from _full(held)
            held = held[len(held) - len(held) % CHUNK_SIZE :]
    yield from _full(held)
    if rest := len(held) % CHUNK_SIZE:
        yield held[-rest:] if rest < len(held) else held


def _full(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data) - CHUNK_SIZE + 1, CHUNK_SIZE):
        yield data[at : at + CHUNK_SIZE]


def _with_crlf(text: bytes) -> bytes:
    # Looking for one byte is many times faster than for two.
    if b"\r" in text:
        ends = text.count(b"\r\n")
        if ends == text.count(b"\n"):
            return text
        if ends:
            text = text.replace(b"\r\n", b"\n")
    return text.replace(b"\n", b"\r\n")


def _crlf_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for piece in pieces:
        data = held + piece
        held = b"\r" if data.endswith(b"\r") else b""
        if held:
            data = data[:-1]
        if data:
            yield _with_crlf(data)
    if held:
        yield held
