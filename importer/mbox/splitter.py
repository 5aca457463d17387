"""Cutting an mbox file into messages while it is read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from importer.archive.place import MemberBroken
from importer.mbox.content_length import declared_end
from importer.mbox.from_line import FromLine, parse_from_line
from importer.mbox.own_fields import OwnFields, own_fields

WHOLE = 1024 * 1024
"""A message that needs more bytes comes in pieces."""

_LONGEST_LINE = 1000
_LOOK_AHEAD = 2 * _LONGEST_LINE
_LOOK_BEHIND = 3
_LF = 10
_RARE = 256
_MISSES = 10
_FIELD = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_NEXT = re.compile(rb"(?:\r?\n){0,2}(?:\Z|(?=From ))")
_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*\r?\n)*")


@dataclass(slots=True)  # not frozen: made for each message
class RawMessage:
    """One message without its "From " line and the blank line that ends it.

    Line ends and quoting are as they are.

    `offset` is where its "From " line starts. `text` is the whole message, or the start of it when `more`
    yields the rest. `is_verbatim` when nothing in it is quoted. `own` is what moxsite wrote before it, and is
    not in `text`.
    """

    offset: int
    start: FromLine
    text: bytes
    more: Iterator[bytes] | None = None
    is_verbatim: bool = False
    own: OwnFields | None = None


def starts_like_mbox(data: bytes) -> bool:
    """Whether a file that begins with `data` may be an mbox file: "From " after nothing but blank lines."""
    found = _START.match(data)
    return found is not None and data.startswith(b"From ", found.end())


class MboxSplitter:
    """Finds the lines that start messages.

    A line does that when it begins with "From " and has a date, and either is preceded by a blank line or
    followed by a header field: programs forget the one or the other. Without a date it does so only between
    both, and has no more than an address besides, unless the file's first line has no date either.

    Where a message says how long it is, and a message starts there or the file ends, that holds.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = b""
        self._base = 0
        self._at = 0
        self._ended = False
        self._is_lax = False
        self._start = FromLine("", None)

    @property
    def offset(self) -> int:
        """How far the file has been cut into messages."""
        return self._base + self._at

    def messages(self) -> Iterator[RawMessage]:
        """The messages in order. What is not read of one is skipped.

        Raises MemberBroken when the file does not begin like an mbox file, and what the pieces raise.
        """
        self._find_start()
        while self._at < len(self._buffer) or self._fill():
            message = self._next_message()
            yield message
            for _ in message.more or ():
                pass

    def _next_message(self) -> RawMessage:
        offset, start = self._base + self._at, self._start
        end, clear = self._separator(self._at + 5)
        while end < 0 and not self._ended and len(self._buffer) - self._at < WHOLE:
            searched = clear - self._at
            self._fill()
            end, clear = self._separator(self._at + searched)
        begin = self._line_end(self._at)
        own = own_fields(self._buffer, begin)
        if end < 0 and not self._ended:
            return self._first_part(offset, start, own, clear)
        if end < 0:
            end = len(self._buffer)
        if own is not None:
            self._at, begin = end, own.end
            text = self._buffer[begin : _blank_line(self._buffer, begin, end)]
            return RawMessage(offset, start, text, own=own)
        length = end - self._at
        declared = self._declared_end(begin)
        end = self._at + length if declared < 0 else declared
        begin = self._line_end(self._at)
        text = self._buffer[begin : _blank_line(self._buffer, begin, end)]
        self._at = end
        return RawMessage(offset, start, text, None, declared >= 0)

    def _first_part(self, offset: int, start: FromLine, own: OwnFields | None, clear: int) -> RawMessage:
        """Of a message that is too large to be looked at as a whole; no other starts before `clear`."""
        if own is not None and own.end > clear:
            own = None
        begin = self._line_end(self._at) if own is None else own.end
        text = self._buffer[min(begin, clear) : clear]
        self._at = clear
        is_verbatim = own is None and declared_end(text) is not None
        more = self._rest(text[-_LOOK_BEHIND:])
        return RawMessage(offset, start, text[:-_LOOK_BEHIND], more, is_verbatim, own)

    def _declared_end(self, begin: int) -> int:
        """Where the message whose text begins there ends by its own word, -1 if there is no such end.

        May read on.
        """
        declared = declared_end(self._buffer, begin)
        if declared is None or declared > self._at + WHOLE:
            return -1
        size = declared - self._at
        while len(self._buffer) - self._at < size + _LOOK_AHEAD and self._fill():
            pass
        end = self._at + size
        found = _NEXT.match(self._buffer, end) if end <= len(self._buffer) else None
        if found is None:
            return -1
        end = found.end()
        if end < len(self._buffer):
            start = parse_from_line(self._buffer[end : self._line_end(end)])
            if self._buffer[end - 1] != _LF or (start.received is None and not start.is_plain):
                return -1
            self._start = start
        return end

    def _rest(self, held: bytes) -> Iterator[bytes]:
        """The rest of a message whose first part is out; the last bytes are held, as they may be the end."""
        try:
            end = -1
            while end < 0 and not (self._ended and self._at >= len(self._buffer)):
                end, clear = self._separator(self._at)
                stop = end if end >= 0 else len(self._buffer) if self._ended else clear
                data = held + self._buffer[self._at : stop]
                self._at = stop
                held = data[-_LOOK_BEHIND:]
                if len(data) > _LOOK_BEHIND:
                    yield data[:-_LOOK_BEHIND]
                if end < 0 and not self._ended:
                    self._fill()
            yield held[: _blank_line(held, 0, len(held))]
        except MemberBroken:
            self._at = len(self._buffer)
            self._ended = True
            raise

    def _find_start(self) -> None:
        while len(self._buffer) < _LOOK_AHEAD and self._fill():
            pass
        found = _START.match(self._buffer)
        self._at = found.end() if found else 0
        if self._at >= len(self._buffer) and self._ended:
            return
        line_end = self._line_end(self._at)
        if not self._buffer.startswith(b"From ", self._at) or line_end - self._at > _LONGEST_LINE:
            raise MemberBroken("It is no mbox file: it does not begin with a “From ” line.")
        self._start = parse_from_line(self._buffer[self._at : line_end])
        self._is_lax = self._start.received is None

    def _fill(self) -> bool:
        """Read on, dropping what is done; whether there was more."""
        if self._ended:
            return False
        piece = next(self._pieces, b"")
        if not piece:
            self._ended = True
            return False
        kept = max(0, self._at - _LOOK_BEHIND)
        self._buffer = self._buffer[kept:] + piece
        self._base += kept
        self._at -= kept
        return True

    def _separator(self, start: int) -> tuple[int, int]:
        """Where the next message starts, at or behind `start`, or -1; and up to where certainly none does."""
        buffer = self._buffer
        while True:
            line = _from_line(buffer, start)
            if line < 0:
                return -1, len(buffer) if self._ended else max(start, len(buffer) - 5)
            if not self._ended and len(buffer) - line < _LOOK_AHEAD:
                return -1, max(start, line - 1)
            if self._separates(line):
                return line, line
            start = line + 1

    def _separates(self, line: int) -> bool:
        buffer = self._buffer
        end = self._line_end(line)
        if end - line > _LONGEST_LINE:
            return False
        start = self._start = parse_from_line(buffer[line:end])
        after_blank = buffer.endswith((b"\n\n", b"\n\r\n"), max(0, line - 3), line)
        if after_blank and start.received is not None:
            return True
        if _FIELD.match(buffer, end) is None:
            return False
        return start.received is not None or (after_blank and (start.is_plain or self._is_lax))

    def _line_end(self, start: int) -> int:
        end = self._buffer.find(b"\n", start, start + _LONGEST_LINE + 1)
        return end + 1 if end >= 0 else min(len(self._buffer), start + _LONGEST_LINE + 1)


def _from_line(buffer: bytes, start: int) -> int:
    """The next line at or behind `start` that begins with "From ", -1 without one; not the buffer's first.

    One byte is found ten times as fast as five of them, where it is rare. Where it is not, as in base64, five
    are faster; and they are faster than six, of which the last is a blank.
    """
    at = max(1, start)
    misses = 0
    while misses < _MISSES or at - start > misses * _RARE:
        at = buffer.find(b"F", at)
        if at < 0:
            return -1
        if buffer.startswith(b"\nFrom ", at - 1):
            return at
        misses += 1
        at += 1
    at -= 1
    while (at := buffer.find(b"\nFrom", at) + 1) and not buffer.startswith(b" ", at + 4):
        pass
    return at or -1


def _blank_line(buffer: bytes, start: int, end: int) -> int:
    """Where the blank line starts that ends a message from `start` to `end`; `end` if there is none."""
    if buffer.endswith(b"\n\r\n", start, end) or (end - start == 2 and buffer.startswith(b"\r\n", start)):
        return end - 2
    return (
        end - 1
        if buffer.endswith(b"\n\n", start, end) or (end - start == 1 and buffer.startswith(b"\n", start))
        else end
    )
