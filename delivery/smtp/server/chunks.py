"""The content of a message that comes in chunks of announced sizes (RFC 3030 section 2)."""

from typing import Final

from delivery.smtp.server.line_ends import LineEndWatch
from mail.line_ends import LINE_END

PIECE: Final = 16 * 1024
"""Bytes that are gathered before they are passed on: chunks may be as small as a client likes."""


class ChunkDecoder(LineEndWatch):
    """Joins chunks, cut anywhere. There is no end to look for and no dot has a meaning."""

    def __init__(self) -> None:
        super().__init__()
        self._gathered = bytearray()
        self._last = b""

    def feed(self, data: bytes) -> bytes:
        """Content that is ready with these bytes; may be empty."""
        self._gathered += data
        if len(self._gathered) < PIECE:
            return b""
        # A CR waits for the LF that may follow.
        return self._take(len(self._gathered) - self._gathered.endswith(b"\r"))

    def finish(self) -> bytes:
        """What is left. A last line without line end gets one, as every line has that leaves this server."""
        last = bytes(self._gathered[-1:]) or self._last
        if last and last not in LINE_END:
            self._gathered += LINE_END
        return self._take(len(self._gathered))

    def _take(self, size: int) -> bytes:
        content = bytes(self._gathered[:size])
        del self._gathered[:size]
        self._last = content[-1:] or self._last
        self.note(content)
        return content
