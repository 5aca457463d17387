"""The bytes of a message as they are stored: CR LF line ends, in chunks of one size."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from importer.mbox.quoting import unquoted, unquoted_pieces
from mail.line_ends import count_line_ends
from mail.mime.headers import HEADER_LIMIT, HeaderBlock, starts_header_section
from mail.store.layout import CHUNK_SIZE


@dataclass(slots=True)  # not frozen: made for each message
class Content:
    """A message: `start` holds at least its header section, up to the limit, `more` what follows.

    `header_end` is where the header section ends in `start`, without the blank line; 0 when there is none.
    `is_cut` when the section is larger than HEADER_LIMIT and `header_end` is only where a line ends below it.
    `line_ends` are those of the message, where `start` is all of it: counting them later takes longer.
    """

    start: bytes
    more: Iterable[bytes]
    header_end: int
    is_cut: bool
    line_ends: int | None

    def put_header(self, header: HeaderBlock) -> None:
        """Let the message begin with another header section."""
        old, new = self.start[: self.header_end], bytes(header)
        self.start = new + self.start[self.header_end :]
        self.header_end = len(new)
        if not starts_header_section(new):
            self.line_ends = None  # whoever reads it will find no header section at all
        if self.line_ends is not None:
            self.line_ends += new.count(b"\n") - old.count(b"\n")


def open_content(
    text: bytes, more: Iterator[bytes] | None, *, is_quoted: bool, is_bare: bool = False
) -> Content:
    """The message behind raw bytes.

    `is_quoted` when "From " lines have a ">" to be taken off; `is_bare` when it has no header section,
    whatever it looks like. Raises what `more` raises while it looks for the end of the header section.
    """
    if more is None:
        start, line_ends = _with_crlf(unquoted(text) if is_quoted else text)
        return _content(start, (), is_bare=is_bare, line_ends=line_ends)
    raw = chain((text,), more)
    pieces = _crlf_pieces(unquoted_pieces(raw) if is_quoted else raw)
    start = b""
    for piece in pieces:
        start += piece
        if len(start) > HEADER_LIMIT + 2 or b"\r\n\r\n" in start:
            break
    return _content(start, pieces, is_bare=is_bare, line_ends=None)


def _content(start: bytes, more: Iterable[bytes], *, is_bare: bool, line_ends: int | None) -> Content:
    if is_bare or not starts_header_section(start):
        return Content(start, more, 0, False, line_ends)
    end = start.find(b"\r\n\r\n")
    end = len(start) if end < 0 else end + 2
    if end <= HEADER_LIMIT:
        return Content(start, more, end, False, line_ends)
    return Content(start, more, start.rfind(b"\r\n", 0, HEADER_LIMIT) + 2, True, line_ends)


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


def _with_crlf(text: bytes) -> tuple[bytes, int]:
    """The text with CR LF, and how many of them there are."""
    if b"\r" in text:
        proper = count_line_ends(text)
        if proper is not None:
            return text, proper
        ends = text.count(b"\r\n")
        if ends == text.count(b"\n"):
            return text, ends
        if ends:
            text = text.replace(b"\r\n", b"\n")
    ended = text.replace(b"\n", b"\r\n")
    return ended, len(ended) - len(text)


def _crlf_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for piece in pieces:
        data = held + piece
        held = b"\r" if data.endswith(b"\r") else b""
        if held:
            data = data[:-1]
        if data:
            yield _with_crlf(data)[0]
    if held:
        yield held
