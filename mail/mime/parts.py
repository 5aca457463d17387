"""Finding the parts of a message while its content passes by, without keeping the content (RFC 2046).

Bytes are searched for two things only: in a header section for the blank line that ends it, and, while a
multipart is open, for lines that start with "--". Such a line is compared as a whole with the delimiters of
all open multiparts, so that a boundary that begins like another one does not match, and the delimiter of an
outer multipart ends inner ones that were never closed.
"""

import re
from collections.abc import Callable, Container

from mail.mime.headers import FIRST_LINE_LIMIT, starts_header_section
from mail.mime.open_part import OpenPart
from mail.mime.part_index import Part, PartIndex

__all__ = ["Part", "PartIndex", "PartIndexer"]

DEPTH_LIMIT = 50
PART_LIMIT = 10_000

_LONGEST_DELIMITER = 1000
_MISS_LIMIT = 20
_BLANK_LINE = re.compile(rb"\n\r?\n")
_BLANK_OR_DASHES = re.compile(rb"\n(?:\r?\n|--)")
_MORE = -1  # the answer lies in bytes that have not come yet


class PartIndexer:
    """Takes the raw content of one message in pieces of any size and gives its part index.

    How the content is cut makes no difference. Never raises for bad content: parts nested more than 50 deep
    are not opened, parts after the 10 000th are not listed, and of a header section only the first 64 KiB
    are read (256 KiB for the outermost). Encoded multiparts and messages, which RFC 2045 section 6.4
    forbids, are leaves.
    """

    def __init__(self) -> None:
        self._buffer = b""
        self._tail = b""
        self._base = 0  # offset of the buffer in the content
        self._parts: list[OpenPart] = []
        self._stack: list[OpenPart] = []
        self._delimiters: dict[bytes, tuple[OpenPart, bool]] = {}
        self._truncated = False
        self._waiting = False
        self._line_start = True
        self._line_break = 0  # offset of the line break before the line, while _line_start
        self._counting = 0  # open parts that want their lines counted
        self._counted = 0  # offset up to which that has been done
        self._line_ends = 0
        self._step: Callable[[int, bool], int] = self._in_header
        self._open(parent=-1, offset=0, default_type="text/plain", prefix="")

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the content."""
        self._run(self._tail + chunk if self._tail else chunk, final=False)

    def finish(self) -> PartIndex:
        """The index, after the last byte."""
        self._run(self._tail, final=True)
        size = self._base
        self._close(0, size)
        return PartIndex(size, tuple(part.finished() for part in self._parts), self._truncated)

    def _run(self, buffer: bytes, *, final: bool) -> None:
        self._buffer = buffer
        self._waiting = False
        position = 0
        while not self._waiting:
            position = self._step(position, final)
        self._count_to(self._base + position)
        self._tail = buffer[position:]
        self._base += position
        self._buffer = b""

    # Steps take a position in the buffer and return the one up to which bytes are done with.

    def _wait(self, position: int) -> int:
        self._waiting = True
        return position

    def _in_header(self, position: int, final: bool) -> int:
        if not self._line_start:
            return self._in_fields(position, final)
        buffer = self._buffer
        newline = buffer.find(b"\n", position, position + FIRST_LINE_LIMIT)
        if newline < 0 and len(buffer) - position < FIRST_LINE_LIMIT and not final:
            return self._wait(position)
        if buffer.startswith((b"\n", b"\r\n"), position):
            return self._begin_body(newline + 1)
        if buffer.startswith(b"--", position) and self._delimiters:
            end = self._line_end(position, final)
            delimiter = self._delimiter(position, end)
            if delimiter is not None:
                self._settle(self._stack[-1], self._base + position)
                return self._delimit(delimiter, position, end)
        if not starts_header_section(buffer[position : position + FIRST_LINE_LIMIT]):
            return self._begin_body(position)
        self._line_start = False
        return position

    def _in_fields(self, position: int, final: bool) -> int:
        buffer, part = self._buffer, self._stack[-1]
        event = _BLANK_OR_DASHES if self._delimiters else _BLANK_LINE
        misses = 0
        while (found := event.search(buffer, position)) is not None:
            line = found.start() + 1
            if buffer[line : line + 1] != b"-":
                part.collect_header(buffer[position:line])
                return self._begin_body(found.end())
            end = self._line_end(line, final)
            if end == _MORE:
                break
            delimiter = self._delimiter(line, end)
            if delimiter is not None:
                content_end = self._content_end(line)
                part.collect_header(buffer[position : max(position, content_end - self._base)])
                self._settle(part, max(content_end, part.header_offset))
                return self._delimit(delimiter, line, end)
            misses += 1
            reached = end - 1 if misses < _MISS_LIMIT else self._skip_lines(end - 1, {b"", *self._delimiters})
            part.collect_header(buffer[position:reached])
            position = reached
        kept = len(buffer) if final else max(position, (line - 2) if found else len(buffer) - 3)
        part.collect_header(buffer[position:kept])
        return self._begin_body(kept) if final else self._wait(kept)

    def _in_body(self, position: int, final: bool) -> int:
        buffer, delimiters = self._buffer, self._delimiters
        if not delimiters:
            return self._wait(len(buffer))
        if self._line_start:
            if len(buffer) - position < 2 and not final:
                return self._wait(position)
            if buffer.startswith(b"--", position):
                end = self._line_end(position, final)
                if end == _MORE:
                    return self._wait(position)
                if (delimiter := self._delimiter(position, end)) is not None:
                    return self._delimit(delimiter, position, end)
            self._line_start = False
        misses = 0
        # One byte is found much faster than three, and in base64 it is found nowhere.
        hyphen = buffer.find(b"-", position)
        if hyphen < 0:
            return self._wait(len(buffer) if final else max(position, len(buffer) - 3))
        position = max(position, hyphen - 2)
        while line := buffer.find(b"\n--", position) + 1:
            end = buffer.find(b"\n", line + 2, line + _LONGEST_DELIMITER)
            if end < 0:
                end = self._line_end(line, final)
                if end == _MORE:
                    return self._wait(max(position, line - 2))
            if (delimiter := self._delimiter(line, end)) is not None:
                return self._delimit(delimiter, line, end)
            misses += 1
            position = end - 1 if misses < _MISS_LIMIT else self._skip_lines(end - 1, delimiters)
        return self._wait(len(buffer) if final else max(position, len(buffer) - 3))

    def _skip_lines(self, position: int, wanted: Container[bytes]) -> int:
        """Where to go on so as to meet the next wanted line, or the last one, which may be incomplete.

        Quicker than searching where every line starts with "--".
        """
        buffer = self._buffer
        start = buffer.find(b"\n", position) + 1
        last = buffer.rfind(b"\n")
        if not 0 < start <= last:
            return position
        for line in buffer[start:last].split(b"\n"):
            if line.rstrip(b" \t\r") in wanted:
                break
            start += len(line) + 1
        return max(position, start - 2)

    def _line_end(self, line: int, final: bool) -> int:
        """Where the line at `line`, which starts with "--", ends, as far as a delimiter can reach."""
        end = self._buffer.find(b"\n", line + 2, line + _LONGEST_DELIMITER)
        if end >= 0:
            return end
        if len(self._buffer) - line >= _LONGEST_DELIMITER:
            return line + 2
        return len(self._buffer) if final else _MORE

    def _delimiter(self, line: int, end: int) -> tuple[OpenPart, bool] | None:
        return self._delimiters.get(self._buffer[line:end].rstrip(b" \t\r"))

    def _content_end(self, line: int) -> int:
        """The offset of the line break before `line`, a part of the delimiter (RFC 2046 section 5.1.1)."""
        if self._line_start:
            return self._line_break
        return self._base + self._before_line_break(line - 1)

    def _before_line_break(self, newline: int) -> int:
        return newline - 1 if self._buffer[max(0, newline - 1) : newline] == b"\r" else newline

    def _delimit(self, delimiter: tuple[OpenPart, bool], line: int, end: int) -> int:
        multipart, closing = delimiter
        self._close(multipart.level + 1, self._content_end(line))
        position = min(end + 1, len(self._buffer))
        self._line_start, self._line_break = True, self._base + self._before_line_break(end)
        if closing:
            self._forget(multipart)
            self._step = self._in_body
            return position
        multipart.children += 1
        self._open(
            parent=multipart.number,
            offset=self._base + position,
            default_type="message/rfc822"
            if multipart.fields.content_type == "multipart/digest"
            else "text/plain",
            prefix=multipart.prefix,
            number=str(multipart.children),
        )
        return position

    def _open(self, *, parent: int, offset: int, default_type: str, prefix: str, number: str = "") -> None:
        """Start reading the header section of a part; without `number` it is the body of a message."""
        if len(self._parts) >= PART_LIMIT:
            self._truncated = True
            self._delimiters.clear()
            self._step = self._in_body
            return
        path = prefix + number if number else ""
        part = OpenPart(
            number=len(self._parts),
            parent=parent,
            level=len(self._stack),
            header_offset=offset,
            default_type=default_type,
            path=path,
            prefix=path + "." if path else prefix,
        )
        self._parts.append(part)
        self._stack.append(part)
        self._step = self._in_header

    def _begin_body(self, position: int) -> int:
        part = self._stack[-1]
        offset = self._base + position
        self._settle(part, offset)
        self._line_start, self._line_break = True, offset
        self._step = self._in_body
        if part.level < DEPTH_LIMIT:
            if part.can_have_parts:
                self._expect(part)
            elif part.is_message:
                self._open(parent=part.number, offset=offset, default_type="text/plain", prefix=part.prefix)
        return position

    def _settle(self, part: OpenPart, offset: int) -> None:
        self._count_to(offset)
        part.begin_body(offset)
        part.line_ends_before = self._line_ends
        self._counting += part.wants_lines

    def _expect(self, multipart: OpenPart) -> None:
        delimiter = b"--" + multipart.fields.boundary.rstrip(b" \t\r\n")
        for line, closing in ((delimiter, False), (delimiter + b"--", True)):
            # Where two open multiparts use one boundary, the outer one has the line.
            if line not in self._delimiters:
                self._delimiters[line] = (multipart, closing)
                multipart.delimiters.append(line)

    def _forget(self, multipart: OpenPart) -> None:
        for line in multipart.delimiters:
            self._delimiters.pop(line, None)
        multipart.delimiters.clear()

    def _close(self, level: int, content_end: int) -> None:
        """End all open parts from `level` on at `content_end`."""
        self._count_to(content_end)
        # A delimiter right behind a closing delimiter: the line break between them has been counted already.
        line_ends = self._line_ends - (content_end < self._counted)
        while len(self._stack) > level:
            part = self._stack.pop()
            self._forget(part)
            part.body_length = max(0, content_end - part.body_offset)
            if part.wants_lines:
                part.lines = line_ends - part.line_ends_before if part.body_length else 0
                self._counting -= 1

    def _count_to(self, offset: int) -> None:
        if offset > self._counted:
            if self._counting:
                start = self._counted - self._base
                counted = self._buffer[start : offset - self._base]
                # Taking one byte off is several times faster than counting it.
                self._line_ends += len(counted) - len(counted.replace(b"\n", b""))
            self._counted = offset
