"""Where the content of a message ends on a connection that goes on (RFC 9112 sections 6 and 7). Pure."""

import re
from typing import Final, Protocol

from webserver.edge.refusal import Refused

_SIZE_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?")
_LONGEST_SIZE_LINE: Final = 1024
_LONGEST_TRAILERS: Final = 8 * 1024


class Body(Protocol):
    """Content that is being received."""

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """What of `data` is content, and what comes behind its end; None while it has not ended.

        Raises Refused.
        """


class LengthBody:
    """Content of a known length."""

    __slots__ = ("left",)

    def __init__(self, length: int) -> None:
        self.left = length
        """Bytes still to come."""

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """See Body."""
        size = len(data)
        if size < self.left:
            self.left -= size
            return data, None
        if size == self.left:
            self.left = 0
            return data, b""
        end, self.left = self.left, 0
        return data[:end], data[end:]


class ChunkedBody:
    """Content in chunks. Extensions and trailer fields are dropped, as recipients may."""

    __slots__ = ("_in_trailers", "_left", "_rest", "_trailers")

    def __init__(self) -> None:
        self._left = 0
        """Of the chunk, its CR LF included; 0 where a size line must come."""
        self._rest = b""
        """Of a line that has not ended."""
        self._in_trailers = False
        self._trailers = 0

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """See Body."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        pieces: list[bytes] = []
        position, size = 0, len(data)
        while position < size:
            if self._left > 2:
                end = min(position + self._left - 2, size)
                pieces.append(data[position:end])
                self._left -= end - position
                position = end
            elif self._left:
                expected = b"\r\n"[-self._left :]
                found = data[position : position + self._left]
                if not expected.startswith(found):
                    raise Refused(400, "The request can't be read: a chunk is longer than it says.")
                self._left -= len(found)
                position += len(found)
            else:
                end = data.find(b"\r\n", position)
                if end < 0:
                    self._keep(data[position:])
                    break
                line, position = data[position:end], end + 2
                if self._read_line(line):
                    return b"".join(pieces), data[position:]
        return (pieces[0] if len(pieces) == 1 else b"".join(pieces)), None

    def _read_line(self, line: bytes) -> bool:
        """Read a size line or a trailer field; whether the content ends here."""
        if self._in_trailers:
            self._trailers += len(line) + 2
            if b"\n" in line or b"\r" in line or self._trailers > _LONGEST_TRAILERS:
                raise Refused(400, "The request can't be read: its trailer fields are broken or too long.")
            return not line
        match = _SIZE_LINE.fullmatch(line)
        if match is None or len(line) > _LONGEST_SIZE_LINE:
            raise Refused(400, "The request can't be read: the size of a chunk is none.")
        length = int(match[1], 16)
        if length == 0:
            self._in_trailers = True
        else:
            self._left = length + 2
        return False

    def _keep(self, rest: bytes) -> None:
        if len(rest) > (_LONGEST_TRAILERS if self._in_trailers else _LONGEST_SIZE_LINE) or b"\n" in rest:
            raise Refused(400, "The request can't be read: a line of its chunks never ends.")
        self._rest = rest
