"""Finding the end of a message in what follows DATA, and undoing dot-stuffing (RFC 5321 section 4.5.2)."""

from delivery.smtp.server.line_ends import LineEndWatch
from mail.line_ends import LINE_END

_END = b"\r\n.\r\n"
_STUFFED = b"\r\n."
_TAILS = (b"\r\n.\r", b"\r\n.", b"\r\n", b"\r")
"""What may be the start of `_END` or `_STUFFED` at the end of a piece, longest first."""


class DataDecoder(LineEndWatch):
    """Takes the stream in pieces cut anywhere. Only CR LF is a line end, and only CR LF . CR LF is the end.

    A lone CR or LF stays in the content as it came and is reported: what another server takes for a line
    end must not hide a second message.
    """

    def __init__(self) -> None:
        super().__init__()
        # The command line before the content ended with CR LF, so a first line of "." is the end already.
        self._tail = LINE_END
        self._unsent = len(LINE_END)
        self.finished = False
        self.rest = b""
        """What followed the end: the next commands."""

    def feed(self, data: bytes) -> bytes:
        """Content that is complete with these bytes; may be empty. Not to be called once finished."""
        if self._tail:
            data = self._tail + data
        # One search for both: the end is also a dot at the start of a line, and most pieces have neither.
        # That there is no dot at all, as in base64, shows many times faster.
        dot = data.find(_STUFFED) if b"." in data else -1
        end = data.find(_END, dot) if dot >= 0 else -1
        if end >= 0:
            self.finished = True
            self.rest = data[end + len(_END) :]
            content = data[: end + len(LINE_END)]
        else:
            self._tail = next((tail for tail in _TAILS if data.endswith(tail)), b"")
            content = data[: len(data) - len(self._tail)] if self._tail else data
        if not content:
            return b""
        self.note(content)
        if dot >= 0:
            content = content.replace(_STUFFED, LINE_END)
        if self._unsent:
            content = content[self._unsent :]
            self._unsent = 0
        return content
